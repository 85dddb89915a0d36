import {
  DEAD_LETTER_REASONS,
  type DeadLetterReasonName,
  type DeadLetterView,
} from '../contract/dead-letter.ts';
import { type Attempt, type EarlierEnd, generationOf, type RequestItem } from '../contract/request-item.ts';

const toTime = (timeMs: number): string => new Date(timeMs).toISOString();

export const toHistory = (log: readonly Attempt[]): DeadLetterView['history'] =>
  log.map(({ epoch, startedAtMs, suspect, target, outcome }) => ({
    epoch,
    started_at: toTime(startedAtMs),
    under_suspicion: suspect === true,
    ...(target === undefined ? {} : { target }),
    outcome: outcome ?? null,
  }));

const toEarlier = (end: EarlierEnd): DeadLetterView['earlier'][number] => ({
  reason: end.errorCode ?? 'unknown',
  died_at: toTime(end.finishedAtMs),
  attempts: end.attempts,
  generation: end.generation,
  history: toHistory(end.attemptLog),
});

export const reasonOf = ({ status, errorCode }: RequestItem): DeadLetterReasonName | undefined =>
  status === 'failed' ? DEAD_LETTER_REASONS.find((reason) => reason === errorCode) : undefined;

/** A dead letter as an operator sees it: what its item tells, which holds no text. Nothing when it is none. */
export const toDeadLetterView = (
  item: RequestItem,
  { modelId, nowMs }: { readonly modelId: string; readonly nowMs: number },
): DeadLetterView | undefined => {
  const reason = reasonOf(item);
  const { finishedAtMs, ttlSeconds } = item;
  if (reason === undefined || finishedAtMs === undefined) return undefined;
  return {
    request_id: item.requestId,
    custom_id: item.customId,
    tenant: item.tenant,
    pool: item.pool,
    model: modelId,
    priority: item.priority,
    ...(item.batch === undefined ? {} : { batch_id: item.batch.id, batch_index: item.batch.index }),
    reason,
    died_at: toTime(finishedAtMs),
    attempts: item.attempts,
    generation: generationOf(item),
    history: toHistory(item.attemptLog),
    accepted_at: toTime(item.acceptedAtMs),
    age_seconds: Math.max(0, Math.floor((nowMs - finishedAtMs) / 1000)),
    kept_until: toTime((ttlSeconds ?? 0) * 1000),
    earlier: (item.earlier ?? []).map(toEarlier),
  };
};
