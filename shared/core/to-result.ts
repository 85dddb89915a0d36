import type { ErrorCodeName } from '../contract/error-codes.ts';
import type { HeldRequest } from '../contract/messages.ts';
import type { Pool } from '../contract/pools.ts';
import { createProblem } from '../contract/problem.ts';
import type { Result, Usage } from '../contract/request.ts';
import { costOf } from './cost.ts';
import { findTarget } from './targets/targets-of.ts';

/** A model's answer, in the pipeline's words. */
export interface Answer {
  readonly content: string | null;
  readonly output: unknown;
  readonly stopReason: string;
  readonly usage: Usage;
}

export type Ending =
  | { readonly status: 'succeeded'; readonly answer: Answer; readonly repeated?: Result['repeated'] }
  | {
      readonly status: 'failed' | 'expired' | 'canceled';
      readonly code: ErrorCodeName;
      readonly detail?: string;
    };

export interface Ended {
  readonly ending: Ending;
  readonly attempts: number;
  /** Start of the call that counted, if there was one. */
  readonly calledAtMs?: number;
  readonly finishedAtMs: number;
  /** Called last, where the pool has several. */
  readonly target?: string;
}

const answerFields = (ended: Ended, prices: Pool['prices']) => {
  if (ended.ending.status !== 'succeeded')
    return { content: null, output: null, stop_reason: null, usage: null, cost_usd: null };
  const { content, output, stopReason, usage } = ended.ending.answer;
  return { content, output, stop_reason: stopReason, usage, cost_usd: costOf(usage, prices) };
};

const problemOf = (requestId: string, ending: Ending): Result['error'] =>
  ending.status === 'succeeded'
    ? null
    : createProblem(ending.code, {
        ...(ending.detail === undefined ? {} : { detail: ending.detail }),
        requestId,
      });

const repeatedOf = (ending: Ending) =>
  ending.status === 'succeeded' && ending.repeated !== undefined ? { repeated: ending.repeated } : {};

/** The result object of a request: the same in S3, on the results queue and from the API. */
export const toResult = (
  held: HeldRequest,
  ended: Ended,
  context: { readonly pool: Pool; readonly region: string },
): Result => {
  const target = findTarget(context.pool, ended.target);
  return {
    request_id: held.request_id,
    custom_id: held.custom_id,
    tenant: held.tenant,
    ...(held.tenant_asserted === undefined ? {} : { tenant_asserted: held.tenant_asserted }),
    status: ended.ending.status,
    model: target.modelId,
    pool: held.pool,
    priority: held.priority,
    accepted_at: new Date(held.accepted_at_ms).toISOString(),
    expires_at: new Date(held.expires_at_ms).toISOString(),
    attempts: ended.attempts,
    ...(held.generation === undefined ? {} : { generation: held.generation }),
    ...(held.batch === undefined ? {} : { batch_id: held.batch.id, batch_index: held.batch.index }),
    region: target.region ?? context.region,
    ...(ended.target === undefined ? {} : { target: target.name }),
    ...answerFields(ended, target.prices),
    latency_ms: ended.calledAtMs === undefined ? null : ended.finishedAtMs - ended.calledAtMs,
    wait_ms: (ended.calledAtMs ?? ended.finishedAtMs) - (held.reopened_at_ms ?? held.accepted_at_ms),
    finished_at: new Date(ended.finishedAtMs).toISOString(),
    error: problemOf(held.request_id, ended.ending),
    ...repeatedOf(ended.ending),
    metadata: held.metadata,
  };
};
