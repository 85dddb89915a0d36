import { Hono } from 'hono';
import { createOpenApi } from '../../shared/contract/openapi.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { HEALTH_PARAMETERS } from '../../shared/contract/routes.ts';
import { checkHealth } from '../../shared/flows/check-health.ts';
import { createReadQuota } from '../../shared/flows/read-quota.ts';
import { allowOrigins } from '../runtime/allow-origins.ts';
import { authenticate } from '../runtime/authenticate.ts';
import type { QueryDeps } from '../runtime/compose.ts';
import { correlate } from '../runtime/correlation.ts';
import { noSuchRoute, problemResponse, toFaultyQuery, unexpected } from '../runtime/problem-response.ts';
import { parameterFaults, refuseParameters } from '../runtime/query-faults.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import { addBatchReads } from './batch-reads.ts';
import { addControlReads } from './control-reads.ts';
import { addDeadLetterReads } from './dead-letter-reads.ts';
import { addEstimates } from './estimates.ts';
import { addRequestLists } from './request-lists.ts';
import { addRequestReads } from './request-reads.ts';
import { addWebhookReads } from './webhook-reads.ts';

const healthFaults = (query: URLSearchParams): readonly QueryFault[] => {
  const deep = query.get('deep');
  const isKnown = deep === null || deep === '1' || deep === 'true';
  const detail = 'must be 1 or true; leave it out to ask no store';
  return [
    ...parameterFaults(query, HEALTH_PARAMETERS),
    ...(isKnown ? [] : [{ parameter: 'deep', code: 'invalid_value', detail } as const]),
  ];
};

const addStateReads = (app: Hono, deps: QueryDeps): void => {
  const readQuota = createReadQuota(deps);
  app.get('/v1/quota', async () => jsonResponse({ pools: await readQuota() }, { status: 200 }));
  app.get('/health', async (context) => {
    const faults = healthFaults(new URL(context.req.url).searchParams);
    if (faults.length > 0) return toFaultyQuery(faults);
    const { deep } = context.req.query();
    if (deep === undefined) return jsonResponse({ status: 'ok' }, { status: 200 });
    const checks = await checkHealth(deps);
    const notWell = Object.entries(checks).filter(([, check]) => check !== 'ok');
    if (notWell.length === 0) return jsonResponse({ status: 'ok', checks }, { status: 200 });
    const detail = notWell.map(([store, check]) => `${store} ${check.replaceAll('_', ' ')}`).join(', ');
    return problemResponse('store_not_well', { detail: `Not well: ${detail}.` });
  });
};

/** The HTTP door for what is read. */
export const createReadApp = (deps: QueryDeps): Hono => {
  const app = new Hono();
  app.use(allowOrigins(deps.settings), correlate, authenticate(deps), refuseParameters);
  addEstimates(app, deps);
  addRequestLists(app, deps);
  addRequestReads(app, deps);
  addBatchReads(app, deps);
  addControlReads(app, deps);
  addDeadLetterReads(app, deps);
  addWebhookReads(app, deps);
  addStateReads(app, deps);
  app.get('/openapi.json', () => jsonResponse(createOpenApi(), { status: 200 }));
  app.notFound((context) => noSuchRoute(context.req.method, context.req.path));
  app.onError((error, context) => unexpected(error, deps.telemetry, context.get('correlationId')));
  return app;
};
