import type { Hono } from 'hono';
import { REQUEST_ID_PATTERN } from '../../shared/contract/keys.ts';
import { READ_PARAMETERS } from '../../shared/contract/routes.ts';
import { type AwaitDeps, createAwaitRequest } from '../../shared/flows/await-request.ts';
import type { Reading } from '../../shared/flows/read-request.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { leftOfCall } from '../runtime/client-left.ts';
import { toFaultyQuery } from '../runtime/problem-response.ts';
import { parameterFaults } from '../runtime/query-faults.ts';
import { type RateLimitDeps, withRateLimit } from '../runtime/rate-limit.ts';
import { toReadingResponse } from '../runtime/request-response.ts';
import { readAskedWait } from './asked-wait.ts';

/** What is no id can not be a key of anything else in the table either. */
const isRequestId = (text: string): boolean => REQUEST_ID_PATTERN.test(text);

/** Says how long was waited at most, as RFC 7240 has it, so that whoever asked for more knows. */
const appliedOf = (seconds: number): Readonly<Record<string, string>> => ({
  'preference-applied': `wait=${seconds}`,
});

const poolOf = (reading: Reading): string | undefined => {
  if (reading.kind === 'pending') return reading.request.pool;
  return reading.kind === 'ended' ? reading.result.pool : undefined;
};

export const addRequestReads = (app: Hono, deps: AwaitDeps & RateLimitDeps): void => {
  const readOrAwait = createAwaitRequest(deps);
  const longest = deps.settings.longest_poll_seconds ?? 0;
  app.get('/v1/requests/:id', async (context) => {
    const requestId = context.req.param('id');
    const asked = readAskedWait(context.req.query('wait'), context.req.header('prefer'));
    const faults = [
      ...parameterFaults(new URL(context.req.url).searchParams, READ_PARAMETERS),
      ...(asked.kind === 'fault' ? [asked.fault] : []),
    ];
    if (faults.length > 0) return toFaultyQuery(faults);
    const seconds = asked.kind === 'asked' ? Math.min(asked.seconds, longest) : 0;
    const left = leftOfCall(context);
    const reading: Reading = isRequestId(requestId)
      ? await readOrAwait({
          requestId,
          tenant: tenantOfCaller(context),
          atMostMs: seconds * 1000,
          ...(left === undefined ? {} : { left }),
        })
      : { kind: 'not_found' };
    const response = toReadingResponse(reading, requestId, asked.kind === 'asked' ? appliedOf(seconds) : {});
    const pool = poolOf(reading);
    return pool === undefined
      ? response
      : withRateLimit(response, { pool, tenant: tenantOfCaller(context) }, deps);
  });
};
