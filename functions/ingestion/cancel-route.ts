import type { Hono } from 'hono';
import { REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import { type CancelDeps, createCancelRequest } from '../../shared/flows/cancel-request.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { problemResponse } from '../runtime/problem-response.ts';
import { jsonResponse, retryAfterOf, toReadingResponse } from '../runtime/request-response.ts';

const TOO_MANY_CANCELS = 'Too many requests of the pool are being stopped already; nothing was changed.';

/** Stops a request: 200 once it has ended, however; 202 while it still runs and is about to be stopped. */
export const addCancel = (app: Hono, deps: CancelDeps): void => {
  const cancel = createCancelRequest(deps);
  app.post('/v1/requests/:id/cancel', async (context) => {
    const requestId = context.req.param('id');
    if (!REQUEST_ID_PATTERN.test(requestId)) return toReadingResponse({ kind: 'not_found' }, requestId);
    const canceled = await cancel({ requestId, tenant: tenantOfCaller(context) });
    if (canceled.kind === 'busy')
      return problemResponse('temporarily_unavailable', { detail: TOO_MANY_CANCELS });
    if (canceled.kind !== 'pending') return toReadingResponse(canceled, requestId);
    return jsonResponse(canceled.request, { status: 202, headers: retryAfterOf(canceled.request) });
  });
};
