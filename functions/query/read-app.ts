import { Hono } from 'hono';
import { REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import { createOpenApi } from '../../shared/contract/openapi.ts';
import { type AwaitDeps, createAwaitRequest } from '../../shared/flows/await-request.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { clientLeftOf } from '../runtime/client-left.ts';
import { correlate } from '../runtime/correlation.ts';
import { noSuchRoute, toFaultyQuery, unexpected } from '../runtime/problem-response.ts';
import { jsonResponse, toReadingResponse } from '../runtime/request-response.ts';

import { readAskedWait } from './asked-wait.ts';

/** What is no id can not be a key of anything else in the table either. */
const isRequestId = (text: string): boolean => REQUEST_ID_PATTERN.test(text);

/** Says how long was waited at most, as RFC 7240 has it, so that whoever asked for more knows. */
const appliedOf = (seconds: number): Readonly<Record<string, string>> => ({
  'preference-applied': `wait=${seconds}`,
});

const addRequestReads = (app: Hono, deps: AwaitDeps): void => {
  const readOrAwait = createAwaitRequest(deps);
  app.get('/v1/requests/:id', async (context) => {
    const requestId = context.req.param('id');
    const asked = readAskedWait(context.req.query('wait'), context.req.header('prefer'));
    if (asked.kind === 'fault') return toFaultyQuery([asked.fault]);
    const seconds =
      asked.kind === 'asked' ? Math.min(asked.seconds, deps.settings.longest_poll_seconds ?? 0) : 0;
    const left = clientLeftOf((context.env as { readonly event?: unknown } | undefined)?.event);
    const reading = isRequestId(requestId)
      ? await readOrAwait({
          requestId,
          tenant: tenantOfCaller(),
          atMostMs: seconds * 1000,
          ...(left === undefined ? {} : { left }),
        })
      : ({ kind: 'not_found' } as const);
    return toReadingResponse(reading, requestId, asked.kind === 'asked' ? appliedOf(seconds) : {});
  });
};

/** The HTTP door for what is read. */
export const createReadApp = (deps: AwaitDeps): Hono => {
  const app = new Hono();
  app.use(correlate);
  addRequestReads(app, deps);
  app.get('/health', () => jsonResponse({ status: 'ok' }, { status: 200 }));
  app.get('/openapi.json', () => jsonResponse(createOpenApi(), { status: 200 }));
  app.notFound((context) => noSuchRoute(context.req.method, context.req.path));
  app.onError((error, context) => unexpected(error, deps.telemetry, context.get('correlationId')));
  return app;
};
