import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';

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
