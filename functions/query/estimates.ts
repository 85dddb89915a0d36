import type { Hono } from 'hono';
import { createEstimateRequests } from '../../shared/flows/estimate-requests.ts';
import type { ViewDeps } from '../../shared/flows/view-context.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { toProblemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';

/** The HTTP door for what requests would cost. */
export const addEstimates = (app: Hono, deps: ViewDeps): void => {
  const estimate = createEstimateRequests(deps);
  app.post('/v1/requests/estimate', async (context) => {
    const body = await readJsonBody(context.req.raw);
    if (!body.ok) return body.response;
    const estimation = await estimate({ body: body.value, tenant: tenantOfCaller(context) });
    return estimation.kind === 'refused'
      ? toProblemResponse(estimation.problem)
      : jsonResponse(estimation.estimate, { status: 200 });
  });
};
