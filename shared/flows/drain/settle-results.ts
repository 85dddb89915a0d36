import { segmentKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { deadLetterQueue, QUEUES } from '../../contract/names.ts';
import type { Result } from '../../contract/request.ts';
import type { ResultPointer } from '../../contract/request-item.ts';
import { buildSegment, toNotificationBody } from '../../core/build-segment.ts';
import { toDeadLetter } from '../../core/dead-letter.ts';
import { closeAttempt } from '../../core/decide-claim.ts';
import { type Ended, toResult } from '../../core/to-result.ts';
import { traceOf } from '../../core/trace.ts';
import type { DrainDeps } from './drain-deps.ts';
import type { Staged } from './held-requests.ts';
import { toLedgerEntry } from './ledger-entry.ts';
import { repeatNotification } from './repeat-notification.ts';
import { retried } from './retried.ts';
import type { Finished, Settling } from './settling.ts';

const DAY_SECONDS = 86_400;

const endOf = ({ ending }: Ended) => {
  if (ending.status === 'succeeded') return 'answered';
  return ending.status === 'expired' ? 'outcome_unknown' : ending.code;
};

const writeState = async (
  finished: Finished,
  result: Result,
  pointer: ResultPointer,
  deps: DrainDeps,
): Promise<Settling> => {
  const { ended, staged } = finished;
  try {
    const outcome = await retried(deps, () =>
      deps.requests.finish({
        requestId: staged.id,
        status: ended.ending.status,
        attempts: ended.attempts,
        attemptLog: closeAttempt(staged.attemptLog, endOf(ended)),
        finishedAtMs: ended.finishedAtMs,
        ttlSeconds: Math.floor(ended.finishedAtMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
        result: pointer,
        usage: result.usage,
        costUsd: result.cost_usd,
        errorCode: result.error?.code,
      }),
    );
    return { finished, result, pointer, outcome };
  } catch (error) {
    deps.telemetry.log('error', 'state_not_written', { ...traceOf(staged.held), error: String(error) });
    return { finished, result, pointer, outcome: 'not_written' };
  }
};

/** Tells the results queue; answers with those whose message was not taken. */
const notify = async (settled: readonly Settling[], deps: DrainDeps): Promise<ReadonlySet<Settling>> => {
  const bodies = settled.map(({ result }) => ({ body: toNotificationBody(result), groupId: result.tenant }));
  const failed = await deps.queues.send(QUEUES.results, bodies);
  return new Set(settled.filter((_, index) => failed.has(index)));
};

/** What the model service kept failing at can be sent again when it is well. */
const sendDeadLetters = async (
  pool: string,
  settled: readonly Settling[],
  deps: DrainDeps,
): Promise<ReadonlySet<Settling>> => {
  const dead = settled.filter(({ result }) => result.error?.code === 'model_unavailable');
  if (dead.length === 0) return new Set();
  const bodies = dead.flatMap(({ finished, result }) =>
    result.error === null
      ? []
      : [{ body: toDeadLetter(finished.staged.held, result.error, result.attempts) }],
  );
  const failed = await deps.queues.send(deadLetterQueue(pool), bodies);
  return new Set(dead.filter((_, index) => failed.has(index)));
};

/** Another attempt ended first. Whether its notification was sent is unknown, and the lane message is about to go. */
const repeatWinners = async (lost: readonly Settling[], deps: DrainDeps): Promise<ReadonlySet<Settling>> => {
  const repeated = await Promise.all(
    lost.map(async ({ finished }) => {
      const item = await deps.requests.read(finished.staged.id);
      return item === undefined || (await repeatNotification(item, deps));
    }),
  );
  return new Set(lost.filter((_, index) => repeated[index] !== true));
};

const measure = (pool: string, { result, finished }: Settling, { telemetry }: DrainDeps): void => {
  const code = result.error?.code;
  if (code === undefined) telemetry.measure('RequestsSucceeded', 1, { pool });
  else telemetry.measure('RequestsFailed', 1, { pool, code });
  telemetry.measure('RequestWait', result.wait_ms, { pool });
  if (result.usage !== null) {
    telemetry.measure('InputTokens', result.usage.input_tokens, { pool });
    telemetry.measure('OutputTokens', result.usage.output_tokens, { pool });
  }
  telemetry.log('info', 'request_finished', {
    ...traceOf(finished.staged.held),
    custom_id: result.custom_id,
    tenant: result.tenant,
    pool,
    priority: result.priority,
    status: result.status,
    code: code ?? null,
    attempts: finished.ended.attempts,
    wait_ms: result.wait_ms,
    latency_ms: result.latency_ms,
  });
};

const recordUsage = async (pool: string, segment: string, settled: readonly Settling[], deps: DrainDeps) => {
  try {
    await retried(deps, () => deps.ledger.record(toLedgerEntry(pool, segment, deps.clock.nowMs(), settled)));
  } catch (error) {
    deps.telemetry.log('error', 'usage_not_recorded', { pool, segment, error: String(error) });
  }
};

const storeSegment = async (pool: string, segment: string, results: readonly Result[], deps: DrainDeps) => {
  const atMs = deps.clock.nowMs();
  const built = buildSegment(results, (requestId) =>
    segmentKey(pool, atMs, requestId === undefined ? segment : `${segment}-${requestId}`),
  );
  await Promise.all(
    built.objects.map(({ key, body }) =>
      retried(deps, () => deps.objects.put(key, body, 'application/x-ndjson')),
    ),
  );
  return built.pointers;
};

/**
 * Writes a flush of results down: segment, state items, notifications, ledger, and only then are the lane
 * messages deleted. After a crash anywhere in between they come again, and the claim sees how far it got.
 * Answers with what is done; the rest stays in its lane.
 */
export const settleResults = async (
  pool: string,
  batch: readonly Finished[],
  deps: DrainDeps,
): Promise<readonly Staged[]> => {
  const poolSettings = deps.settings.models[pool];
  if (poolSettings === undefined || batch.length === 0) return [];
  const segment = deps.createSegmentId();
  const results = batch.map(({ staged, ended }) =>
    toResult(staged.held, ended, { pool: poolSettings, region: deps.region }),
  );
  const pointers = await storeSegment(pool, segment, results, deps);
  const settled = await Promise.all(
    batch.flatMap((finished, index) => {
      const result = results[index];
      const pointer = pointers[index];
      return result === undefined || pointer === undefined
        ? []
        : [writeState(finished, result, pointer, deps)];
    }),
  );
  const won = settled.filter(({ outcome }) => outcome === 'finished');
  const lost = settled.filter(({ outcome }) => outcome === 'already_finished');
  const [unnotified, undelivered, unrepeated] = await Promise.all([
    notify(won, deps),
    sendDeadLetters(pool, won, deps),
    repeatWinners(lost, deps),
  ]);
  await recordUsage(pool, segment, settled, deps);
  for (const winner of won) measure(pool, winner, deps);
  const done = settled.filter(
    (entry) =>
      entry.outcome !== 'not_written' &&
      !unnotified.has(entry) &&
      !undelivered.has(entry) &&
      !unrepeated.has(entry),
  );
  await deps.queues.remove(done.flatMap(({ finished }) => finished.staged.receipts));
  return done.map(({ finished }) => finished.staged);
};
