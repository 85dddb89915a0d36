import { Hono } from 'hono';
import { isTerminal } from '../../shared/contract/statuses.ts';
import { toPendingView } from '../../shared/core/to-view.ts';
import type { AcceptDeps } from '../../shared/flows/accept/accept-deps.ts';
import { createAcceptRequests } from '../../shared/flows/accept/accept-requests.ts';
import { createGather, HTTP_COMPANY } from '../../shared/flows/accept/gather.ts';
import type { Acceptance } from '../../shared/flows/accept/submission.ts';
import { createReadRequest, type ReadDeps } from '../../shared/flows/read-request.ts';
import { viewContextOf } from '../../shared/flows/view-context.ts';
import { allowOrigins } from '../runtime/allow-origins.ts';
import { authenticate } from '../runtime/authenticate.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import type { IngestionDeps } from '../runtime/compose.ts';
import { correlate } from '../runtime/correlation.ts';
import { parseIdempotencyKey } from '../runtime/idempotency-key.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { noSuchRoute, toProblemResponse, unexpected } from '../runtime/problem-response.ts';
import { refuseParameters } from '../runtime/query-faults.ts';
import { type RateLimitDeps, withRateLimit } from '../runtime/rate-limit.ts';
import { jsonResponse, retryAfterOf } from '../runtime/request-response.ts';
import { addBatchRoutes } from './batch-routes.ts';
import { addCancel } from './cancel-route.ts';
import { addControl } from './control-route.ts';
import { addRedrive } from './redrive-route.ts';
import { addWebhookRoutes } from './webhook-routes.ts';

const toResponse = async (
  acceptance: Acceptance,
  deps: AcceptDeps & ReadDeps & RateLimitDeps,
  read: ReturnType<typeof createReadRequest>,
): Promise<Response> => {
  const retryAfter = { 'retry-after': String(Math.ceil(deps.settings.average_request_duration)) };
  if (acceptance.kind !== 'accepted')
    // A place is free as soon as one of those that wait has ended.
    return toProblemResponse(
      acceptance.problem,
      acceptance.problem.code === 'too_many_waiting' ? retryAfter : {},
    );
  const { item, replayed } = acceptance;
  const headers = {
    location: `/v1/requests/${item.requestId}`,
    ...(replayed ? { 'idempotency-replayed': 'true' } : {}),
  };
  const reading = isTerminal(item.status)
    ? await read({ requestId: item.requestId, tenant: item.tenant })
    : undefined;
  if (reading?.kind === 'ended') return jsonResponse(reading.result, { status: 202, headers });
  const view = toPendingView(item, await viewContextOf(item, deps));
  const response = jsonResponse(view, { status: 202, headers: { ...headers, ...retryAfterOf(view) } });
  return withRateLimit(response, item, deps);
};

/** The HTTP door for what is submitted. */
export const createSubmitApp = (deps: IngestionDeps): Hono => {
  const accept = createGather(createAcceptRequests(deps), HTTP_COMPANY);
  const read = createReadRequest(deps);
  const app = new Hono();
  app.use(allowOrigins(deps.settings), correlate, authenticate(deps), refuseParameters);
  app.post('/v1/requests', async (context) => {
    const key = parseIdempotencyKey(context.req.header('idempotency-key'));
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const acceptance = await accept({
      body: body.value,
      door: 'http',
      provenTenant: tenantOfCaller(context),
      ...(key === undefined ? {} : { idempotencyKey: key }),
      correlationId: context.get('correlationId'),
    });
    return toResponse(acceptance, deps, read);
  });
  addCancel(app, deps);
  addControl(app, deps);
  addRedrive(app, deps);
  addWebhookRoutes(app, deps);
  addBatchRoutes(app, deps);
  app.notFound((context) => noSuchRoute(context.req.method, context.req.path));
  app.onError((error, context) => unexpected(error, deps.telemetry, context.get('correlationId')));
  return app;
};
