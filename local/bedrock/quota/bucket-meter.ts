import { type Dimension, perMillisecond, sizeOf } from './dimension.ts';
import type { Settling } from './settling.ts';
import { type Supply, suppliedStretches } from './supply.ts';
import { valueAt } from './timeline.ts';

/**
 * Starts full and refills without steps, less what others take. A smaller quota spills what its bucket cannot keep;
 * a larger one starts with what was there.
 */
export interface BucketState {
  readonly kind: 'bucket';
  readonly level: number;
  readonly updatedMs: number;
}

export function openBucket(dimension: Dimension, supply: Supply, nowMs: number): BucketState {
  const level = sizeOf(dimension, valueAt(supply.multiplier, nowMs));
  return { kind: 'bucket', level, updatedMs: nowMs };
}

export function refillBucket(
  state: BucketState,
  dimension: Dimension,
  supply: Supply,
  nowMs: number,
): BucketState {
  let { level } = state;
  for (const stretch of suppliedStretches(supply, { fromMs: state.updatedMs, toMs: nowMs })) {
    const { fromMs, toMs, multiplier, othersShare } = stretch;
    const gained = (toMs - fromMs) * perMillisecond(dimension) * multiplier * (1 - othersShare);
    level = Math.min(sizeOf(dimension, multiplier), level + gained);
  }
  level = Math.min(level, sizeOf(dimension, valueAt(supply.multiplier, nowMs)));
  return { ...state, level, updatedMs: nowMs };
}

/** May go below zero. */
export function takeFromBucket(state: BucketState, amount: number): BucketState {
  return { ...state, level: state.level - amount };
}

/** What is given back above the size is lost at the next refill. */
export function settleBucket(state: BucketState, { hold, charge }: Settling): BucketState {
  return { ...state, level: state.level + hold - charge };
}
