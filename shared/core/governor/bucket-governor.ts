import type { Dimension } from './dimensions.ts';
import type {
  CallUsage,
  Governor,
  GovernorSnapshot,
  Permission,
  PlannedCall,
  SentCall,
  ThrottleScope,
} from './governor.ts';

export interface BucketGovernorOptions {
  readonly dimensions: readonly Dimension[];
  readonly maxConcurrent: number;
  /** State of the owner before, if there was one. */
  readonly snapshot?: GovernorSnapshot;
}

interface Bucket {
  readonly dimension: Dimension;
  level: number;
}

const PAUSE_MS = 400;
const DAY_PAUSE_MS = 15 * 60_000;
/** Calls that the owner before may have sent since its last heartbeat, in seconds of quota. */
const UNSEEN_SECONDS = 6;

const restoreLevel = (
  dimension: Dimension,
  snapshot: GovernorSnapshot | undefined,
  nowMs: number,
): number => {
  const saved = snapshot?.levels[dimension.name];
  if (snapshot === undefined || saved === undefined) return dimension.size;
  const elapsedSeconds = Math.max(0, nowMs - snapshot.takenAtMs) / 1000;
  const unseen = Math.min(UNSEEN_SECONDS * dimension.perSecond, dimension.size);
  return Math.min(dimension.size, saved - unseen + elapsedSeconds * dimension.perSecond);
};

/** Mirrors the service's own buckets: holds what it holds, settles when it settles. */
export const createBucketGovernor = (options: BucketGovernorOptions, startMs: number): Governor => {
  const { dimensions, maxConcurrent, snapshot } = options;
  const buckets: Bucket[] = dimensions.map((dimension) => ({
    dimension,
    level: restoreLevel(dimension, snapshot, startMs),
  }));
  let inFlight = 0;
  let refilledAtMs = startMs;
  let pausedUntilMs = snapshot?.pausedUntilMs ?? 0;

  const refill = (nowMs: number): void => {
    const seconds = Math.max(0, nowMs - refilledAtMs) / 1000;
    refilledAtMs = Math.max(refilledAtMs, nowMs);
    for (const bucket of buckets)
      bucket.level = Math.min(bucket.dimension.size, bucket.level + seconds * bucket.dimension.perSecond);
  };

  const longestWait = (call: PlannedCall): Permission => {
    let answer: Permission = { go: true };
    let longestMs = 0;
    for (const { dimension, level } of buckets) {
      // A call larger than the bucket goes when the bucket is full: it could never go otherwise.
      const missing = Math.min(dimension.hold(call), dimension.size) - level;
      const waitMs = Math.ceil((missing / dimension.perSecond) * 1000);
      if (missing > 1e-6 && waitMs >= longestMs) {
        longestMs = waitMs;
        answer = { go: false, limit: dimension.name, waitMs };
      }
    }
    return answer;
  };

  const giveBack = (call: SentCall, nowMs: number, charges: readonly number[]): void => {
    inFlight -= 1;
    refill(nowMs);
    for (const [index, bucket] of buckets.entries())
      bucket.level = Math.min(
        bucket.dimension.size,
        bucket.level + (call.holds[index] ?? 0) - (charges[index] ?? 0),
      );
  };

  return {
    mayGo: (call, nowMs) => {
      if (nowMs < pausedUntilMs) return { go: false, limit: 'pause', waitMs: pausedUntilMs - nowMs };
      if (inFlight >= maxConcurrent) return { go: false, limit: 'concurrency', waitMs: 1000 };
      refill(nowMs);
      return longestWait(call);
    },
    sent: (call, nowMs) => {
      refill(nowMs);
      inFlight += 1;
      const holds = buckets.map(({ dimension }) => dimension.hold(call));
      for (const [index, bucket] of buckets.entries()) bucket.level -= holds[index] ?? 0;
      return { holds, sentAtMs: nowMs };
    },
    answered: (call, usage: CallUsage, nowMs) => {
      giveBack(
        call,
        nowMs,
        buckets.map(({ dimension }) => dimension.charge(usage)),
      );
    },
    throttled: (call, scope: ThrottleScope, nowMs) => {
      giveBack(call, nowMs, []);
      // The service holds less than the mirror believed: begin again from nothing after a short pause.
      // The day's tokens are another account: a burst too many in one minute does not spend them.
      for (const bucket of buckets)
        if ((bucket.dimension.name === 'tokens_per_day') === (scope === 'day'))
          bucket.level = Math.min(bucket.level, 0);
      pausedUntilMs = Math.max(pausedUntilMs, nowMs + (scope === 'day' ? DAY_PAUSE_MS : PAUSE_MS));
    },
    faulted: (call, nowMs) => {
      // A failed call gives its tokens back, but it was a request all the same.
      giveBack(
        call,
        nowMs,
        buckets.map(({ dimension }) => (dimension.name === 'requests_per_minute' ? 1 : 0)),
      );
    },
    released: (call, nowMs) => giveBack(call, nowMs, []),
    snapshot: (nowMs) => {
      refill(nowMs);
      return {
        takenAtMs: nowMs,
        levels: Object.fromEntries(
          buckets.map(({ dimension, level }) => [dimension.name, Math.round(level)]),
        ),
        pausedUntilMs,
      };
    },
  };
};
