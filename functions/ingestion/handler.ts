import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { composeIngestion, type Host } from '../runtime/compose.ts';
import { processEnvironment } from '../runtime/environment.ts';
import { toHttpHandler } from '../runtime/http-handler.ts';
import { createSubmitApp } from './submit-app.ts';
import { createSubmitBatch } from './submit-batch.ts';

export type IngestionEvent = SQSEvent | APIGatewayProxyEventV2;
export type IngestionHandler = (
  event: IngestionEvent,
  context: Context,
) => Promise<SQSBatchResponse | APIGatewayProxyResultV2>;

/** Two doors, one flow. */
export const createHandler = (host: Host): IngestionHandler => {
  const deps = composeIngestion(host);
  const submitBatch = createSubmitBatch(deps);
  const submitHttp = toHttpHandler(createSubmitApp(deps));
  return async (event, context) => {
    try {
      if ('Records' in event) return await submitBatch(event);
      return await submitHttp(event, context);
    } finally {
      deps.telemetry.flush();
    }
  };
};

let deployed: IngestionHandler | undefined;

/** Made at the first event, so that a bad environment is an error of the invocation and shows in its log. */
export const handler: IngestionHandler = (event, context) => {
  deployed ??= createHandler({ env: processEnvironment() });
  return deployed(event, context);
};
