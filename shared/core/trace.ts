import type { HeldRequest } from '../contract/messages.ts';

/** Finds a request's lines in the logs of all functions; without a thread of its caller's its id is the thread. */
export const traceOf = ({
  request_id,
  correlation_id,
}: Pick<HeldRequest, 'request_id' | 'correlation_id'>) => ({
  request_id,
  correlation_id: correlation_id ?? request_id,
});
