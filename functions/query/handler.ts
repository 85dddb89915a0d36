import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from 'aws-lambda';
import { composeQuery, type Host } from '../runtime/compose.ts';
import { processEnvironment } from '../runtime/environment.ts';
import { toHttpHandler, toStreamHandler } from '../runtime/http-handler.ts';
import { createReadApp } from './read-app.ts';

export type QueryHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyResultV2>;

/** Reads, apart from ingestion so that pollers cannot starve submitters. */
export const createHandler = (host: Host): QueryHandler => {
  const deps = composeQuery(host);
  const readHttp = toHttpHandler(createReadApp(deps));
  return async (event, context) => {
    try {
      return await readHttp(event, context);
    } finally {
      deps.telemetry.flush();
    }
  };
};

let deployed: QueryHandler | undefined;

/** Made at the first event, so that a bad environment is an error of the invocation and shows in its log. */
export const handler: QueryHandler = (event, context) => {
  deployed ??= createHandler({ env: processEnvironment() });
  return deployed(event, context);
};

export const streamHandler = toStreamHandler(() => {
  const deps = composeQuery({ env: processEnvironment() });
  return { app: createReadApp(deps), flush: deps.telemetry.flush };
});
