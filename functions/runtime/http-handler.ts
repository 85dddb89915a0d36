import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from 'aws-lambda';
import { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent, streamHandle } from 'hono/aws-lambda';
import { type RefusedEvent, refusedEvent } from './refused-event.ts';

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyResultV2>;

/** Hono leaves empty headers out, and an empty key is not none; of a blank the fetch headers make an empty one. */
const withEmptyKey = (event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 =>
  event.headers['idempotency-key'] === ''
    ? { ...event, headers: { ...event.headers, 'idempotency-key': ' ' } }
    : event;

/** Hono's types of Lambda events are its own, narrower ones; the events are the same. */
const toPlainHandler = (app: Hono): HttpHandler => {
  const run = handle(app);
  return (event, context) =>
    run(
      event as unknown as LambdaEvent,
      context as unknown as LambdaContext,
    ) as Promise<APIGatewayProxyResultV2>;
};

export const toHttpHandler = (app: Hono): HttpHandler => {
  const run = toPlainHandler(app);
  return (event, context) => {
    const refused = refusedEvent(event);
    return refused === undefined
      ? run(withEmptyKey(event), context)
      : toPlainHandler(refused.app)(refused.event, context);
  };
};

export interface Door {
  readonly app: Hono;
  readonly flush: () => void;
}

type Streaming = (event: APIGatewayProxyEventV2, out: unknown, context: Context) => Promise<void>;

interface StreamingEnv {
  readonly Bindings: { readonly event: { readonly refused?: RefusedEvent } };
}

/**
 * For a function URL that sends answers as they come. Only Lambda's runtime can: elsewhere there is none. The door is
 * made at the first event, so that a bad environment shows in the log of the invocation.
 */
export const toStreamHandler = (createDoor: () => Door): unknown => {
  // Hono puts an empty stand-in where Lambda's own is missing.
  const { awslambda } = globalThis as {
    readonly awslambda?: { readonly streamifyResponse?: (handler: Streaming) => unknown };
  };
  if (awslambda?.streamifyResponse === undefined) return undefined;
  let door: Door | undefined;
  const streaming = new Hono<StreamingEnv>().all('*', async ({ req, env }) => {
    if (env.event.refused !== undefined) return env.event.refused.app.fetch(req.raw);
    door ??= createDoor();
    try {
      return await door.app.fetch(req.raw, env);
    } finally {
      door.flush();
    }
  });
  const run = streamHandle(streaming) as unknown as Streaming;
  return awslambda.streamifyResponse((event, out, context) => {
    const refused = refusedEvent(event);
    return run(refused === undefined ? event : ({ ...refused.event, refused } as typeof event), out, context);
  });
};
