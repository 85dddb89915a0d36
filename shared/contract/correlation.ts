import { limit } from './limits.ts';

/** The caller's own thread through the logs of several systems: over HTTP in and out, and on the input queue. */
export const CORRELATION_HEADER = 'X-Correlation-Id';
/** The name that most gateways give to the same thing: taken where the other is not sent, and answered as well. */
export const REQUEST_ID_HEADER = 'X-Request-Id';
export const CORRELATION_ATTRIBUTE = 'correlation_id';

/** Visible ASCII: safe in a header, in a log, and in a shell. */
const CORRELATION_ID = new RegExp(`^[\\x21-\\x7e]{1,${limit('correlation_id_characters')}}$`);

/** What was sent, if it is one. What is not is left out: a thread is no reason to refuse work. */
export const parseCorrelationId = (text: string | undefined): string | undefined =>
  text !== undefined && CORRELATION_ID.test(text) ? text : undefined;
