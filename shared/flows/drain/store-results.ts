import { segmentKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { buildSegment } from '../../core/build-segment.ts';
import { REOPENABLE_CODES } from '../../core/dead-letter.ts';
import { closeAttempt } from '../../core/decide-claim.ts';
import type { Ended } from '../../core/to-result.ts';
import { traceOf } from '../../core/trace.ts';
import type { Finish } from '../../ports/request-store.ts';
import { retried } from './retried.ts';
import type { SettleDeps } from './settle-deps.ts';
import type { Segment, Settling } from './settling.ts';

const DAY_SECONDS = 86_400;

/** Into the bucket, those that are not there yet: one object, and one more for each large answer. */
export const storeSegment = async (
  pool: string,
  batch: readonly Settling[],
  deps: SettleDeps,
): Promise<void> => {
  const members = batch.filter(({ pointer }) => pointer === undefined);
  if (members.length === 0) return;
  const segment: Segment = {
    id: deps.createSegmentId(),
    atMs: deps.clock.nowMs(),
    members: members.map(({ member }) => member),
    isRecorded: false,
  };
  const built = buildSegment(
    members.map(({ result }) => result),
    (requestId) =>
      segmentKey(pool, segment.atMs, requestId === undefined ? segment.id : `${segment.id}-${requestId}`),
  );
  await Promise.all(
    built.objects.map(({ key, body }) =>
      retried(deps, () => deps.objects.put(key, body, 'application/x-ndjson')),
    ),
  );
  for (const [index, settling] of members.entries()) {
    const pointer = built.pointers[index];
    if (pointer !== undefined) Object.assign(settling, { pointer, segment });
  }
};

export const outcomeOf = ({ ending }: Ended) => {
  if (ending.status === 'succeeded') return 'answered';
  return ending.status === 'expired' ? 'outcome_unknown' : ending.code;
};

const toFinish = ({ finished, result, pointer }: Settling): Finish | undefined => {
  const { ended, staged } = finished;
  return pointer === undefined
    ? undefined
    : {
        requestId: staged.id,
        generation: staged.held.generation,
        status: ended.ending.status,
        ...(finished.epoch === undefined ? {} : { epoch: finished.epoch }),
        attempts: ended.attempts,
        attemptLog: closeAttempt(staged.attemptLog, outcomeOf(ended)),
        ...(ended.calledAtMs === undefined ? {} : { calledAtMs: ended.calledAtMs }),
        finishedAtMs: ended.finishedAtMs,
        ttlSeconds: Math.floor(ended.finishedAtMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
        result: pointer,
        usage: result.usage,
        costUsd: result.cost_usd,
        errorCode: result.error?.code,
        ...(result.error !== null && REOPENABLE_CODES.has(result.error.code)
          ? { deadLetterPool: staged.held.pool }
          : {}),
      };
};

const CANCELED = { canceled: 'finished', ended: 'already_finished' } as const;

/** Into its state item: the first finisher wins. One that can not be written holds up no other. */
export const writeState = async (settling: Settling, deps: SettleDeps): Promise<void> => {
  const finish = toFinish(settling);
  const { member } = settling;
  if (finish === undefined || member.outcome !== undefined) return;
  try {
    if (settling.finished.onlyQueued) {
      const outcome = await retried(deps, () => deps.requests.cancel(finish));
      member.outcome = outcome === 'canceled' || outcome === 'ended' ? CANCELED[outcome] : outcome;
    } else member.outcome = await retried(deps, () => deps.requests.finish(finish));
  } catch (error) {
    deps.telemetry.log('error', 'state_not_written', {
      ...traceOf(settling.finished.staged.held),
      error: String(error),
    });
  }
};
