import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Hono } from 'hono';
import { correlate } from './correlation.ts';
import { noSuchRoute, problemResponse } from './problem-response.ts';

/** Fetch makes no request with one of these. */
const UNFETCHABLE = ['CONNECT', 'TRACE', 'TRACK'];

const refusalOf = (method: string, { rawPath, body }: APIGatewayProxyEventV2): Response | undefined => {
  if (UNFETCHABLE.includes(method)) return noSuchRoute(method, rawPath);
  const hasBody = body !== undefined && body !== '';
  return ['GET', 'HEAD'].includes(method) && hasBody
    ? problemResponse('invalid_request', { detail: `A ${method} has no body here; send it without one.` })
    : undefined;
};

export interface RefusedEvent {
  /** The same event as one that a request can be made of. */
  readonly event: APIGatewayProxyEventV2;
  /** Answers it, as an app would. */
  readonly app: Hono;
}

/** An event that no request can be made of, with its answer; undefined for all others. */
export const refusedEvent = (event: APIGatewayProxyEventV2): RefusedEvent | undefined => {
  const { body: _, ...rest } = event;
  const { requestContext } = event;
  const refusal = refusalOf(requestContext.http.method.toUpperCase(), event);
  if (refusal === undefined) return undefined;
  const http = { ...requestContext.http, method: 'POST' };
  return {
    event: { ...rest, requestContext: { ...requestContext, http } },
    app: new Hono().use(correlate).all('*', () => refusal),
  };
};
