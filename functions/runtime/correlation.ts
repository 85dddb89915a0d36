import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import {
  CORRELATION_HEADER,
  parseCorrelationId,
  REQUEST_ID_HEADER,
} from '../../shared/contract/correlation.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Set by `correlate`. */
    correlationId: string;
  }
}

/** Gives every call a correlation id, the caller's or a new one, and answers with it. */
export const correlate: MiddlewareHandler = async (context, next) => {
  const id =
    parseCorrelationId(context.req.header(CORRELATION_HEADER)) ??
    parseCorrelationId(context.req.header(REQUEST_ID_HEADER)) ??
    randomUUID();
  context.set('correlationId', id);
  await next();
  context.res.headers.set(CORRELATION_HEADER, id);
  context.res.headers.set(REQUEST_ID_HEADER, id);
};
