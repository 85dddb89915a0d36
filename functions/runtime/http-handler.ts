import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from 'aws-lambda';
import { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent, streamHandle } from 'hono/aws-lambda';

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyResultV2>;

/** Hono's types of Lambda events are its own, narrower ones; the events are the same. */
export const toHttpHandler = (app: Hono): HttpHandler => {
  const run = handle(app);
  return (event, context) =>
    run(
      event as unknown as LambdaEvent,
      context as unknown as LambdaContext,
    ) as Promise<APIGatewayProxyResultV2>;
};

export interface Door {
  readonly app: Hono;
  readonly flush: () => void;
}

/**
 * For a function URL that sends answers as they come. Only Lambda's runtime can: elsewhere there is none. The door is
 * made at the first event, so that a bad environment shows in the log of the invocation.
 */
export const toStreamHandler = (createDoor: () => Door): unknown => {
  // Hono puts an empty stand-in where Lambda's own is missing.
  const { awslambda } = globalThis as { readonly awslambda?: { readonly streamifyResponse?: unknown } };
  if (awslambda?.streamifyResponse === undefined) return undefined;
  let door: Door | undefined;
  const streaming = new Hono().all('*', async ({ req, env }) => {
    door ??= createDoor();
    try {
      return await door.app.fetch(req.raw, env);
    } finally {
      door.flush();
    }
  });
  return streamHandle(streaming);
};
