import type { Controls } from '../contract/controls.ts';
import type { PoolReport } from '../contract/pool-report.ts';
import { createProblem } from '../contract/problem.ts';
import type { PendingRequest, Result } from '../contract/request.ts';
import type { RequestItem } from '../contract/request-item.ts';
import { isTerminal } from '../contract/statuses.ts';
import { pauseOf } from './controls/in-force.ts';
import { isFresh, predictWait } from './predict-wait.ts';
import type { Called } from './targets/called-target.ts';

export interface ResultContext extends Called {
  readonly nowMs: number;
}

export interface ViewContext extends ResultContext {
  /** What the owner of the pool told last. */
  readonly report: PoolReport | undefined;
  readonly controls: Controls;
  /** How long a call takes, until the pool has learned it. */
  readonly firstGuessMs: number;
}

const identityOf = (item: RequestItem, modelId: string) => ({
  request_id: item.requestId,
  custom_id: item.customId,
  tenant: item.tenant,
  ...(item.tenantAsserted === undefined ? {} : { tenant_asserted: item.tenantAsserted }),
  status: item.status,
  model: modelId,
  pool: item.pool,
  priority: item.priority,
  accepted_at: new Date(item.acceptedAtMs).toISOString(),
  expires_at: new Date(item.expiresAtMs).toISOString(),
  attempts: item.attempts,
  ...(item.generation === undefined ? {} : { generation: item.generation }),
  ...(item.batch === undefined ? {} : { batch_id: item.batch.id, batch_index: item.batch.index }),
});

type WaitingFor = PendingRequest['waiting_for'];

const isNobodyThere = ({ targets }: PoolReport): boolean =>
  targets.length > 0 && targets.every(({ breaker }) => breaker === 'open');

const waitsFor = (item: RequestItem, { nowMs, report, controls }: ViewContext): WaitingFor => {
  if (item.status !== 'queued') return null;
  if (pauseOf(controls, item) !== undefined) return 'pause';
  if (item.notBeforeMs !== undefined && item.notBeforeMs > nowMs) return 'not_before';
  if (report?.paused_tenants.includes(item.tenant) || report?.paused_classes.includes(item.priority))
    return 'pause';
  if (report?.spent_tenants.includes(item.tenant)) return 'budget';
  if (report === undefined || !isFresh(report, nowMs)) return 'drain';
  if (isNobodyThere(report)) return 'capacity';
  return report.concurrency.binds_while_quota_is_free ? 'concurrency' : 'quota';
};

/** Nobody knows when a pause or a spent budget ends. */
const isForeseeable = (waitingFor: WaitingFor): boolean => waitingFor !== 'pause' && waitingFor !== 'budget';

const runningEtaMs = (item: RequestItem, { nowMs, report, firstGuessMs }: ViewContext): number => {
  const latencyMs = report !== undefined && report.latency_ms > 0 ? report.latency_ms : firstGuessMs;
  const startedAtMs = item.attemptLog.at(-1)?.startedAtMs ?? nowMs;
  return startedAtMs + latencyMs - nowMs;
};

/** A poll sooner than in a second is never worth while. */
const toSeconds = (durationMs: number): number => Math.max(1, Math.ceil(durationMs / 1000));

const placeOf = (item: RequestItem, waitingFor: WaitingFor, context: ViewContext) => {
  if (item.status !== 'queued') return { ahead: null, eta_seconds: toSeconds(runningEtaMs(item, context)) };
  if (!isForeseeable(waitingFor)) return { ahead: null, eta_seconds: null };
  const { ahead, waitMs, etaMs } = predictWait(item, context);
  // No call begins after the deadline: an answer then is nothing to promise.
  const isInTime = context.nowMs + waitMs < item.expiresAtMs;
  return {
    ahead: waitingFor === 'not_before' ? null : ahead,
    eta_seconds: isInTime ? toSeconds(etaMs) : null,
  };
};

/** A request that waits or runs, as its caller sees it. */
export const toPendingView = (item: RequestItem, context: ViewContext): PendingRequest => {
  const waitingFor = waitsFor(item, context);
  return {
    ...identityOf(item, context.modelId),
    waiting_for: waitingFor,
    ...placeOf(item, waitingFor, context),
  };
};

/** A claim made just before the deadline may be written just after it: until then nobody is told of an end. */
const LAPSE_GRACE_MS = 5_000;

/** A waiting request reads as expired soon after its deadline, though no drain has met it yet. */
export const hasLapsed = (item: RequestItem, nowMs: number): boolean =>
  item.status === 'queued' && item.expiresAtMs + LAPSE_GRACE_MS <= nowMs;

/** What was called before its call's start was kept could only be guessed at. */
const timesOf = (item: RequestItem, finishedAtMs: number) => {
  const { calledAtMs, attempts, status } = item;
  const sinceMs = item.reopenedAtMs ?? item.acceptedAtMs;
  if (calledAtMs !== undefined)
    return { latency_ms: finishedAtMs - calledAtMs, wait_ms: calledAtMs - sinceMs };
  const wasNeverCalled = attempts === 0 || !isTerminal(status) || status === 'expired';
  return { latency_ms: null, wait_ms: wasNeverCalled ? finishedAtMs - sinceMs : null };
};

/** What the state item alone can tell of a request that ended: all but the answer's text. */
export const toResultWithoutText = (item: RequestItem, context: ResultContext): Result => {
  const finishedAtMs = item.finishedAtMs ?? item.expiresAtMs;
  const code = item.errorCode ?? (isTerminal(item.status) ? undefined : 'deadline_passed');
  return {
    ...identityOf(item, context.modelId),
    status: isTerminal(item.status) ? item.status : 'expired',
    region: context.region,
    ...(context.target === undefined ? {} : { target: context.target }),
    content: null,
    output: null,
    stop_reason: null,
    usage: item.usage ?? null,
    cost_usd: item.costUsd ?? null,
    ...timesOf(item, finishedAtMs),
    finished_at: new Date(finishedAtMs).toISOString(),
    error: code === undefined ? null : createProblem(code, { requestId: item.requestId }),
    metadata: {},
  };
};
