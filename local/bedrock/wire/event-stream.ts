import { encodeMessage } from '../../../shared/core/dialects/bedrock/event-message.ts';
import type { ServiceError } from '../faults/errors.ts';

/** One message of a stream. */
export function eventMessage(type: string, payload: unknown): Uint8Array {
  const headers = { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' };
  return encodeMessage(headers, JSON.stringify(payload));
}

/** An error after the stream has begun with 200. */
export function exceptionMessage({ name, message, members }: ServiceError): Uint8Array {
  const type = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  const headers = {
    ':exception-type': type,
    ':content-type': 'application/json',
    ':message-type': 'exception',
  };
  return encodeMessage(headers, JSON.stringify({ message, ...members }));
}
