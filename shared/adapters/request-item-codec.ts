import type { BatchMember } from '../contract/batch-item.ts';
import type { Usage } from '../contract/request.ts';
import type { Attempt, EarlierEnd, RequestItem } from '../contract/request-item.ts';

/** Attributes as they lie in the table: short where they are many, absent where they say nothing. */
export interface StoredRequest {
  readonly request_id: string;
  readonly custom_id?: string;
  readonly tenant: string;
  readonly tenant_asserted?: true;
  readonly pool: string;
  readonly priority: RequestItem['priority'];
  readonly status: RequestItem['status'];
  readonly fingerprint: string;
  readonly accepted_at_ms: number;
  readonly expires_at_ms: number;
  readonly not_before_ms?: number;
  readonly batch?: BatchMember;
  readonly callback_url?: string;
  readonly claims: number;
  readonly attempts: number;
  readonly service_faults: number;
  readonly crashes?: number;
  readonly suspect_crashes?: number;
  readonly attempt_log: readonly StoredAttempt[];
  readonly epoch?: number;
  readonly attempt_until_ms?: number;
  readonly called_at_ms?: number;
  readonly finished_at_ms?: number;
  readonly result_key?: string;
  readonly result_offset?: number;
  readonly result_length?: number;
  readonly usage?: Usage;
  readonly cost_usd?: number;
  readonly error_code?: RequestItem['errorCode'];
  readonly generation?: number;
  readonly reopened_at_ms?: number;
  readonly text_id?: string;
  readonly earlier?: readonly StoredEarlierEnd[];
  readonly ttl_seconds?: number;
}

interface StoredEarlierEnd {
  readonly generation: number;
  readonly error_code?: RequestItem['errorCode'];
  readonly finished_at_ms: number;
  readonly attempts: number;
  readonly attempt_log: readonly StoredAttempt[];
  readonly result?: RequestItem['result'];
}

interface StoredAttempt {
  readonly epoch: number;
  readonly started_at_ms: number;
  readonly suspect?: true;
  readonly target?: string;
  readonly outcome?: Attempt['outcome'];
}

export const toStoredAttempts = (log: readonly Attempt[]): readonly StoredAttempt[] =>
  log.map(({ epoch, startedAtMs, suspect, target, outcome }) => ({
    epoch,
    started_at_ms: startedAtMs,
    ...(suspect === undefined ? {} : { suspect }),
    ...(target === undefined ? {} : { target }),
    ...(outcome === undefined ? {} : { outcome }),
  }));

const fromStoredAttempts = (log: readonly StoredAttempt[]): readonly Attempt[] =>
  log.map(({ epoch, started_at_ms, suspect, target, outcome }) => ({
    epoch,
    startedAtMs: started_at_ms,
    ...(suspect === undefined ? {} : { suspect }),
    ...(target === undefined ? {} : { target }),
    ...(outcome === undefined ? {} : { outcome }),
  }));

export const toStoredEarlier = (ends: readonly EarlierEnd[]): readonly StoredEarlierEnd[] =>
  ends.map(({ generation, errorCode, finishedAtMs, attempts, attemptLog, result }) => ({
    generation,
    ...(errorCode === undefined ? {} : { error_code: errorCode }),
    finished_at_ms: finishedAtMs,
    attempts,
    attempt_log: toStoredAttempts(attemptLog),
    ...(result === undefined ? {} : { result }),
  }));

const fromStoredEarlier = (ends: readonly StoredEarlierEnd[]): readonly EarlierEnd[] =>
  ends.map(({ generation, error_code, finished_at_ms, attempts, attempt_log, result }) => ({
    generation,
    errorCode: error_code,
    finishedAtMs: finished_at_ms,
    attempts,
    attemptLog: fromStoredAttempts(attempt_log),
    ...(result === undefined ? {} : { result }),
  }));

/** A request that was just accepted: what an end will add is not there yet. */
export const toStoredRequest = (item: RequestItem): StoredRequest => ({
  request_id: item.requestId,
  ...(item.customId === null ? {} : { custom_id: item.customId }),
  tenant: item.tenant,
  ...(item.tenantAsserted === undefined ? {} : { tenant_asserted: item.tenantAsserted }),
  pool: item.pool,
  priority: item.priority,
  status: item.status,
  fingerprint: item.fingerprint,
  accepted_at_ms: item.acceptedAtMs,
  expires_at_ms: item.expiresAtMs,
  ...(item.notBeforeMs === undefined ? {} : { not_before_ms: item.notBeforeMs }),
  ...(item.batch === undefined ? {} : { batch: item.batch }),
  ...(item.callbackUrl === undefined ? {} : { callback_url: item.callbackUrl }),
  claims: item.claims,
  attempts: item.attempts,
  service_faults: item.serviceFaults,
  ...(item.crashes === 0 ? {} : { crashes: item.crashes }),
  ...(item.suspectCrashes === 0 ? {} : { suspect_crashes: item.suspectCrashes }),
  attempt_log: toStoredAttempts(item.attemptLog),
});

const resultOf = (stored: StoredRequest): Pick<RequestItem, 'result'> =>
  stored.result_key === undefined || stored.result_offset === undefined || stored.result_length === undefined
    ? {}
    : {
        result: {
          key: stored.result_key,
          offsetBytes: stored.result_offset,
          lengthBytes: stored.result_length,
        },
      };

export const fromStoredRequest = (stored: StoredRequest): RequestItem => ({
  requestId: stored.request_id,
  customId: stored.custom_id ?? null,
  tenant: stored.tenant,
  ...(stored.tenant_asserted === undefined ? {} : { tenantAsserted: stored.tenant_asserted }),
  pool: stored.pool,
  priority: stored.priority,
  status: stored.status,
  fingerprint: stored.fingerprint,
  acceptedAtMs: stored.accepted_at_ms,
  expiresAtMs: stored.expires_at_ms,
  ...(stored.not_before_ms === undefined ? {} : { notBeforeMs: stored.not_before_ms }),
  ...(stored.batch === undefined ? {} : { batch: stored.batch }),
  ...(stored.callback_url === undefined ? {} : { callbackUrl: stored.callback_url }),
  claims: stored.claims,
  attempts: stored.attempts,
  serviceFaults: stored.service_faults,
  crashes: stored.crashes ?? 0,
  suspectCrashes: stored.suspect_crashes ?? 0,
  attemptLog: fromStoredAttempts(stored.attempt_log),
  ...(stored.epoch === undefined ? {} : { epoch: stored.epoch }),
  ...(stored.attempt_until_ms === undefined ? {} : { attemptUntilMs: stored.attempt_until_ms }),
  ...(stored.called_at_ms === undefined ? {} : { calledAtMs: stored.called_at_ms }),
  ...(stored.finished_at_ms === undefined ? {} : { finishedAtMs: stored.finished_at_ms }),
  ...resultOf(stored),
  ...(stored.usage === undefined ? {} : { usage: stored.usage }),
  ...(stored.cost_usd === undefined ? {} : { costUsd: stored.cost_usd }),
  ...(stored.error_code === undefined ? {} : { errorCode: stored.error_code }),
  ...(stored.generation === undefined ? {} : { generation: stored.generation }),
  ...(stored.reopened_at_ms === undefined ? {} : { reopenedAtMs: stored.reopened_at_ms }),
  ...(stored.text_id === undefined ? {} : { textId: stored.text_id }),
  ...(stored.earlier === undefined ? {} : { earlier: fromStoredEarlier(stored.earlier) }),
  ...(stored.ttl_seconds === undefined ? {} : { ttlSeconds: stored.ttl_seconds }),
});
