import type { Batch } from '../../shared/contract/batch.ts';
import type { PoolQuota } from '../../shared/contract/quota-view.ts';

/** How far a run is, in figures. */
export interface RunFigures {
  readonly total: number;
  readonly succeeded: number;
  /** Also what expired or was canceled. */
  readonly failed: number;
  readonly inFlight: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null where nobody knows the prices. */
  readonly costUsd: number | null;
  readonly expectedCostUsd: number | null;
  /** Of the tightest quota, what was charged in the last minute and is held now. */
  readonly quotaShare: number | null;
  /** What is in the way beside the quota, such as a pause. */
  readonly held: string | null;
  /** Null where nobody counts them. */
  readonly throttles: number | null;
  readonly elapsedMs: number;
  readonly etaSeconds: number | null;
}

export interface BatchSums {
  readonly succeeded: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | null;
}

const addCost = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one + other;

const ZERO: BatchSums = { succeeded: 0, failed: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };

export const sumBatches = (views: readonly Batch[]): BatchSums =>
  views.reduce<BatchSums>(
    (sums, { counts, usage, cost_usd: cost }) => ({
      succeeded: sums.succeeded + counts.succeeded,
      failed: sums.failed + counts.failed + counts.canceled + counts.expired,
      inputTokens: sums.inputTokens + usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
      outputTokens: sums.outputTokens + usage.output_tokens,
      costUsd: addCost(sums.costUsd, cost),
    }),
    ZERO,
  );

/** Of one pool: how much of each limit is used, the most of them. A day’s is told by what is left of it. */
const shareOf = ({ dimensions }: PoolQuota): number =>
  Math.max(
    0,
    ...dimensions.map(({ limit, window_seconds: windowSeconds, settled_last_minute: settled, remaining }) => {
      if (limit <= 0) return 0;
      return windowSeconds > 60 ? 1 - remaining / limit : settled / limit;
    }),
  );

const heldBy = (pools: readonly PoolQuota[]): string | null => {
  if (pools.some(({ paused_by_operator: paused }) => paused)) return 'paused by an operator';
  if (pools.some(({ state }) => state === 'paused')) return 'the service refuses, pausing';
  return pools.some(({ state }) => state === 'probing') ? 'the service refuses, probing' : null;
};

export interface QuotaUse {
  readonly share: number | null;
  readonly inFlight: number;
  readonly held: string | null;
}

export const NO_QUOTA: QuotaUse = { share: null, inFlight: 0, held: null };

export const quotaUseOf = (pools: readonly PoolQuota[]): QuotaUse => ({
  share: pools.length === 0 ? null : Math.max(...pools.map(shareOf)),
  inFlight: pools.reduce((sum, { concurrency }) => sum + concurrency.in_flight, 0),
  held: heldBy(pools),
});

export interface Sample {
  readonly atMs: number;
  readonly ended: number;
}

/** The first few ends tell when calls began rather than how many end. */
const endsToGoBy = (total: number): number => Math.min(10, Math.ceil(total / 10));

/** As fast as in the last half minute; nothing before there is anything to go by. */
export const predictSeconds = (samples: readonly Sample[], total: number): number | null => {
  const last = samples.at(-1);
  if (last === undefined) return null;
  const first = samples.find(({ atMs }) => atMs >= last.atMs - 30_000) ?? last;
  const ended = last.ended - first.ended;
  if (ended < Math.max(1, endsToGoBy(total))) return null;
  return Math.ceil(((total - last.ended) * (last.atMs - first.atMs)) / ended / 1000);
};

/** What all will cost, as what has ended did; before that as it was estimated. */
export const expectCost = (
  { costUsd, succeeded, failed }: BatchSums,
  total: number,
  estimatedUsd: number | null,
): number | null => {
  if (costUsd === null) return null;
  const ended = succeeded + failed;
  return ended === 0 || costUsd === 0 ? estimatedUsd : (costUsd / ended) * total;
};
