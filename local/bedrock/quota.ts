/**
 * The quota of one model, as the service counts it.
 *
 *            admit            answered                     fault             client left
 *   level    -= hold          += hold - charge             += hold           += hold - charge of what was produced
 *
 * Every dimension is a bucket of `burstSeconds` worth of its quota. It starts full and refills without steps.
 *
 * Admitted: every dimension has a level above zero that covers the hold. Otherwise nothing is taken anywhere.
 * A hold larger than the whole bucket passes only when the bucket is full, and leaves it in debt: the service does
 * not say what it does, and refusing for ever would make such a request unanswerable at any rate.
 * A charge may exceed its hold (burndown), so the level may fall below zero; then everything waits for the refill.
 */
export interface Quota {
  readonly buckets: readonly Bucket[];
}

/** Amounts are in the unit of the dimension, such as tokens. */
export interface Bucket extends Dimension {
  readonly level: number;
  /** Held by calls that have not ended. */
  readonly held: number;
  /** Charged to calls that have ended. */
  readonly settled: number;
  readonly updatedMs: number;
}

export interface Dimension {
  readonly name: string;
  readonly perMinute: number;
  readonly burstSeconds: number;
}

/** One amount for each dimension, in the order of the dimensions. */
export type Amounts = readonly number[];

export type Admission =
  | { readonly kind: 'admitted'; readonly quota: Quota }
  | { readonly kind: 'refused'; readonly quota: Quota; readonly lacking: readonly string[] };

export function openQuota(dimensions: readonly Dimension[], nowMs: number): Quota {
  return {
    buckets: dimensions.map((dimension) => ({
      ...dimension,
      level: bucketSize(dimension),
      held: 0,
      settled: 0,
      updatedMs: nowMs,
    })),
  };
}

export function bucketSize({ perMinute, burstSeconds }: Dimension): number {
  return (perMinute * burstSeconds) / 60;
}

export function quotaAt(quota: Quota, nowMs: number): Quota {
  return { buckets: quota.buckets.map((bucket) => refill(bucket, nowMs)) };
}

export function admit(quota: Quota, holds: Amounts, nowMs: number): Admission {
  const now = quotaAt(quota, nowMs);
  const pairs = now.buckets.map((bucket, index) => ({ bucket, hold: amountOf(holds, index) }));
  const lacking = pairs.filter(({ bucket, hold }) => !covers(bucket, hold)).map(({ bucket }) => bucket.name);
  if (lacking.length > 0) return { kind: 'refused', quota: now, lacking };
  const buckets = pairs.map(({ bucket, hold }) => ({
    ...bucket,
    level: bucket.level - hold,
    held: bucket.held + hold,
  }));
  return { kind: 'admitted', quota: { buckets } };
}

export interface Settlement {
  /** What was held when the call was admitted. */
  readonly holds: Amounts;
  /** Zero to give the whole hold back. */
  readonly charges: Amounts;
}

export function settle(quota: Quota, { holds, charges }: Settlement, nowMs: number): Quota {
  const buckets = quotaAt(quota, nowMs).buckets.map((bucket, index) => {
    const hold = amountOf(holds, index);
    const charge = amountOf(charges, index);
    return {
      ...bucket,
      level: Math.min(bucketSize(bucket), bucket.level + hold - charge),
      held: bucket.held - hold,
      settled: bucket.settled + charge,
    };
  });
  return { buckets };
}

/**
 * Changes the rate of one dimension from now on. A smaller bucket spills what it cannot keep; a larger one starts
 * with what was there and fills at the new rate.
 */
export function retune(quota: Quota, change: Pick<Dimension, 'name' | 'perMinute'>, nowMs: number): Quota {
  const buckets = quotaAt(quota, nowMs).buckets.map((bucket) => {
    if (bucket.name !== change.name) return bucket;
    const retuned = { ...bucket, perMinute: change.perMinute };
    return { ...retuned, level: Math.min(retuned.level, bucketSize(retuned)) };
  });
  return { buckets };
}

/** A clock that steps back refills nothing, and does not refill the same time twice. */
function refill(bucket: Bucket, nowMs: number): Bucket {
  const elapsedMs = nowMs - bucket.updatedMs;
  if (elapsedMs <= 0) return bucket;
  const level = Math.min(bucketSize(bucket), bucket.level + (elapsedMs * bucket.perMinute) / 60_000);
  return { ...bucket, level, updatedMs: nowMs };
}

function covers(bucket: Bucket, hold: number): boolean {
  return bucket.level > 0 && bucket.level >= Math.min(hold, bucketSize(bucket));
}

function amountOf(amounts: Amounts, index: number): number {
  const amount = amounts[index];
  if (amount === undefined) throw new RangeError(`no amount for dimension ${index}; got ${amounts.length}`);
  return amount;
}
