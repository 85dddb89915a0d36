import { crc32 } from '../../../shared/core/crc32.ts';
import type { ServiceError } from '../faults/errors.ts';

/**
 * One message of application/vnd.amazon.eventstream, numbers big-endian:
 *
 *   total length 4 | length of headers 4 | CRC-32 of the 8 bytes | headers | payload | CRC-32 of all before
 *
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
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

const preludeBytes = 12;
const crcBytes = 4;
const stringType = 7;

function encodeMessage(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const body = Buffer.from(payload);
  const message = Buffer.alloc(preludeBytes + head.length + body.length + crcBytes);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8), 0), 8);
  head.copy(message, preludeBytes);
  body.copy(message, preludeBytes + head.length);
  const end = message.length - crcBytes;
  message.writeUInt32BE(crc32(message.subarray(0, end), 0), end);
  return message;
}

function encodeHeader(name: string, value: string): Uint8Array {
  const valueBytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  const nameBytes = Buffer.from(name);
  return Buffer.concat([
    Buffer.from([nameBytes.length]),
    nameBytes,
    Buffer.from([stringType]),
    length,
    valueBytes,
  ]);
}
