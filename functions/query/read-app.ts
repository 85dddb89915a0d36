import { Hono } from 'hono';
import { REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import { createOpenApi } from '../../shared/contract/openapi.ts';
import { createReadRequest, type ReadDeps } from '../../shared/flows/read-request.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { correlate } from '../runtime/correlation.ts';
import { noSuchRoute, unexpected } from '../runtime/problem-response.ts';
import { jsonResponse, toReadingResponse } from '../runtime/request-response.ts';

/** The HTTP door for what is read. */
export const createReadApp = (deps: ReadDeps): Hono => {
  const read = createReadRequest(deps);
  const app = new Hono();
  app.use(correlate);
  app.get('/v1/requests/:id', async (context) => {
    const requestId = context.req.param('id');
    // What is no id can not be a key of anything else in the table either.
    const reading = REQUEST_ID_PATTERN.test(requestId)
      ? await read({ requestId, tenant: tenantOfCaller() })
      : ({ kind: 'not_found' } as const);
    return toReadingResponse(reading, requestId);
  });
  app.get('/health', () => jsonResponse({ status: 'ok' }, { status: 200 }));
  app.get('/openapi.json', () => jsonResponse(createOpenApi(), { status: 200 }));
  app.notFound((context) => noSuchRoute(context.req.method, context.req.path));
  app.onError((error, context) => unexpected(error, deps.telemetry, context.get('correlationId')));
  return app;
};
