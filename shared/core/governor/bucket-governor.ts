import { type Dimension, dimensionsOf } from './dimensions.ts';
import type { CallUsage, Governor, GovernorSnapshot, Permission, PlannedCall, SentCall } from './governor.ts';
import type { DimensionView } from './governor-view.ts';
import { createOtherOwners } from './other-owners.ts';
import type { OwnerReport } from './owner-report.ts';

export interface BucketGovernorOptions {
  readonly dimensions: readonly Dimension[];
  readonly burndown: number;
  readonly maxConcurrent: number;
  readonly epoch?: number;
  /** State of the owner before, if there was one. */
  readonly snapshot?: GovernorSnapshot;
}

interface Bucket {
  dimension: Dimension;
  level: number;
  /** Held back for what the owner before may have sent unseen, until it reports. */
  margin: number;
  /** Everything held, less everything given back, since this governor began. */
  taken: number;
  /** By calls under way. */
  held: number;
  /** Charged since this governor began. */
  settled: number;
}

const PAUSE_MS = 400;
const DAY_PAUSE_MS = 15 * 60_000;
/** Calls that the owner before may have sent since its last heartbeat, in seconds of quota. */
const UNSEEN_SECONDS = 6;

const openBucket = (dimension: Dimension, snapshot: GovernorSnapshot | undefined, nowMs: number): Bucket => {
  const saved = snapshot?.levels[dimension.name];
  const bucket = { dimension, level: dimension.size, margin: 0, taken: 0, held: 0, settled: 0 };
  if (snapshot === undefined || saved === undefined) return bucket;
  const elapsedSeconds = Math.max(0, nowMs - snapshot.takenAtMs) / 1000;
  const margin = Math.min(UNSEEN_SECONDS * dimension.perSecond, dimension.size);
  const level = Math.min(dimension.size, saved - margin + elapsedSeconds * dimension.perSecond);
  return { ...bucket, level, margin };
};

const add = (bucket: Bucket, amount: number): void => {
  bucket.level = Math.min(bucket.dimension.size, bucket.level + amount);
};

const toView = ({ dimension, level, held, settled }: Bucket, nowMs: number): DimensionView => ({
  name: dimension.name,
  limit: dimension.limit,
  perSecond: dimension.perSecond,
  multiplier: 1,
  size: dimension.size,
  burstSeconds: dimension.size / dimension.perSecond,
  level: Math.round(level),
  held: Math.round(held),
  settledLastMinute: 0,
  settled,
  fullAtMs: Math.ceil(nowMs + ((dimension.size - level) / dimension.perSecond) * 1000),
  meanCharge: 0,
});

/** Mirrors the service's own buckets: holds what it holds, settles when it settles. Learns nothing. */
export const createBucketGovernor = (options: BucketGovernorOptions, startMs: number): Governor => {
  const { dimensions, burndown, maxConcurrent, epoch = 0, snapshot } = options;
  const buckets = dimensions.map((dimension) => openBucket(dimension, snapshot, startMs));
  const otherOwners = createOtherOwners(snapshot, startMs);
  let inFlight = 0;
  let refilledAtMs = startMs;
  let pausedUntilMs = snapshot?.pausedUntilMs ?? 0;

  const refill = (nowMs: number): void => {
    const seconds = Math.max(0, nowMs - refilledAtMs) / 1000;
    refilledAtMs = Math.max(refilledAtMs, nowMs);
    for (const bucket of buckets) {
      add(bucket, seconds * bucket.dimension.perSecond);
      if (bucket.level >= bucket.dimension.size) bucket.margin = 0;
    }
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
    for (const [index, bucket] of buckets.entries()) {
      const hold = call.holds[index] ?? 0;
      const charge = charges[index] ?? 0;
      const refund = hold - charge;
      bucket.held -= hold;
      bucket.settled += charge;
      bucket.taken -= refund;
      add(bucket, refund);
    }
  };

  /** A failed call gives its tokens back, but it was a request all the same. */
  const giveBackAllButRequest = (call: SentCall, nowMs: number): void =>
    giveBack(
      call,
      nowMs,
      buckets.map(({ dimension }) => (dimension.name === 'requests_per_minute' ? 1 : 0)),
    );

  const remaining = (nowMs: number): OwnerReport => ({
    epoch,
    takenAtMs: nowMs,
    inFlight,
    taken: Object.fromEntries(buckets.map(({ dimension, taken }) => [dimension.name, Math.round(taken)])),
  });

  return {
    mayGo: (call, nowMs) => {
      if (nowMs < pausedUntilMs) return { go: false, limit: 'pause', waitMs: pausedUntilMs - nowMs };
      if (inFlight + otherOwners.inFlight(nowMs) >= maxConcurrent)
        return { go: false, limit: 'concurrency', waitMs: 1000 };
      refill(nowMs);
      return longestWait(call);
    },
    sent: (call, nowMs) => {
      refill(nowMs);
      inFlight += 1;
      const holds = buckets.map(({ dimension }) => dimension.hold(call));
      for (const [index, bucket] of buckets.entries()) {
        const hold = holds[index] ?? 0;
        bucket.level -= hold;
        bucket.taken += hold;
        bucket.held += hold;
      }
      return { call, holds, sentAtMs: nowMs };
    },
    answered: (call, usage: CallUsage, nowMs) => {
      const charges = buckets.map(({ dimension }) => dimension.charge(usage));
      giveBack(call, nowMs, charges);
      return charges[0] ?? 0;
    },
    throttled: (call, scope, nowMs) => {
      giveBack(call, nowMs, []);
      // The service holds less than the mirror believed: begin again from nothing after a short pause.
      // The day's tokens are another account: a burst too many in one minute does not spend them.
      for (const bucket of buckets)
        if ((bucket.dimension.name === 'tokens_per_day') === (scope === 'day'))
          bucket.level = Math.min(bucket.level, 0);
      pausedUntilMs = Math.max(pausedUntilMs, nowMs + (scope === 'day' ? DAY_PAUSE_MS : PAUSE_MS));
    },
    rejected: giveBackAllButRequest,
    faulted: giveBackAllButRequest,
    canceled: (call, nowMs) => {
      // What was produced is charged, and nobody tells how much that was: all that was held.
      giveBack(call, nowMs, call.holds);
      return call.holds[0] ?? 0;
    },
    released: (call, nowMs) => giveBack(call, nowMs, []),
    expectedTokens: (call) => buckets[0]?.dimension.hold(call) ?? 1,
    snapshot: (nowMs) => {
      refill(nowMs);
      return {
        takenAtMs: nowMs,
        levels: Object.fromEntries(
          buckets.map(({ dimension, level }) => [dimension.name, Math.round(level)]),
        ),
        pausedUntilMs,
        owner: remaining(nowMs),
        others: otherOwners.reports(),
      };
    },
    remaining,
    others: (report, nowMs) => {
      const news = report.epoch === epoch ? undefined : otherOwners.learn(report, nowMs);
      if (news === undefined) return;
      refill(nowMs);
      for (const bucket of buckets) {
        add(bucket, (news.isFirst ? bucket.margin : 0) - (news.taken[bucket.dimension.name] ?? 0));
        if (news.isFirst) bucket.margin = 0;
      }
    },
    setQuota: (quota, nowMs) => {
      refill(nowMs);
      for (const dimension of dimensionsOf({ quota, burndown })) {
        const known = buckets.find((bucket) => bucket.dimension.name === dimension.name);
        if (known === undefined) buckets.push(openBucket(dimension, undefined, nowMs));
        else known.dimension = dimension;
      }
      for (const bucket of buckets) add(bucket, 0);
    },
    describe: (nowMs) => {
      refill(nowMs);
      const others = otherOwners.inFlight(nowMs);
      const isFull = inFlight + others >= maxConcurrent;
      return {
        algorithm: 'bucket',
        atMs: nowMs,
        state: nowMs < pausedUntilMs ? 'paused' : 'open',
        pausedUntilMs: nowMs < pausedUntilMs ? pausedUntilMs : 0,
        dimensions: buckets.map((bucket) => toView(bucket, nowMs)),
        concurrency: {
          limit: maxConcurrent,
          most: maxConcurrent,
          inFlight,
          others,
          bindsWhileQuotaIsFree:
            isFull && buckets.every(({ level, dimension }) => level >= dimension.size / 2),
        },
        learned: { inputRatio: 1, outputTokens: 0, latencyMs: 0, buildSeconds: 0 },
      };
    },
  };
};
