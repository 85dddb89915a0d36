import { createProblem } from '../contract/problem.ts';
import type { PendingRequest, Result } from '../contract/request.ts';
import type { RequestItem } from '../contract/request-item.ts';
import { isTerminal } from '../contract/statuses.ts';

export interface ViewContext {
  readonly modelId: string;
  readonly region: string;
  readonly nowMs: number;
}

const identityOf = (item: RequestItem, modelId: string) => ({
  request_id: item.requestId,
  custom_id: item.customId,
  tenant: item.tenant,
  status: item.status,
  model: modelId,
  pool: item.pool,
  priority: item.priority,
  accepted_at: new Date(item.acceptedAtMs).toISOString(),
  expires_at: new Date(item.expiresAtMs).toISOString(),
  attempts: item.attempts,
  ...(item.batch === undefined ? {} : { batch_id: item.batch.id, batch_index: item.batch.index }),
});

const waitsFor = (item: RequestItem, nowMs: number): PendingRequest['waiting_for'] => {
  if (item.status !== 'queued') return null;
  return item.notBeforeMs !== undefined && item.notBeforeMs > nowMs ? 'not_before' : 'quota';
};

/** A request that waits or runs, as its caller sees it. */
export const toPendingView = (item: RequestItem, context: ViewContext): PendingRequest => ({
  ...identityOf(item, context.modelId),
  waiting_for: waitsFor(item, context.nowMs),
});

/** A claim made just before the deadline may be written just after it: until then nobody is told of an end. */
const LAPSE_GRACE_MS = 5_000;

/** A waiting request reads as expired soon after its deadline, though no drain has met it yet. */
export const hasLapsed = (item: RequestItem, nowMs: number): boolean =>
  item.status === 'queued' && item.expiresAtMs + LAPSE_GRACE_MS <= nowMs;

/** What the state item alone can tell of a request that ended: all but the answer's text. */
export const toResultWithoutText = (item: RequestItem, context: ViewContext): Result => {
  const finishedAtMs = item.finishedAtMs ?? item.expiresAtMs;
  const code = item.errorCode ?? (isTerminal(item.status) ? undefined : 'deadline_passed');
  return {
    ...identityOf(item, context.modelId),
    status: isTerminal(item.status) ? item.status : 'expired',
    region: context.region,
    content: null,
    output: null,
    stop_reason: null,
    usage: item.usage ?? null,
    cost_usd: item.costUsd ?? null,
    latency_ms: null,
    wait_ms: finishedAtMs - item.acceptedAtMs,
    finished_at: new Date(finishedAtMs).toISOString(),
    error: code === undefined ? null : createProblem(code, { requestId: item.requestId }),
    metadata: {},
  };
};
