import { type BucketState, openBucket, refillBucket, settleBucket, takeFromBucket } from './bucket-meter.ts';
import { type Dimension, sizeOf } from './dimension.ts';
import {
  advanceFixed,
  type FixedState,
  leftOfFixed,
  openFixed,
  settleFixed,
  takeFromFixed,
} from './fixed-meter.ts';
import type { Settling } from './settling.ts';
import {
  advanceSliding,
  leftOfSliding,
  openSliding,
  type SlidingState,
  settleSliding,
  takeFromSliding,
} from './sliding-meter.ts';
import type { Supply } from './supply.ts';
import { valueAt } from './timeline.ts';

/** The account of one dimension. Only `advance` moves its time. */
export interface Meter {
  readonly dimension: Dimension;
  readonly state: BucketState | FixedState | SlidingState;
  /** Held by calls that have not ended. */
  readonly held: number;
  /** Charged to calls. */
  readonly settled: number;
  /** Holds made before are none of this meter's. */
  readonly openedMs: number;
}

export function openMeter(dimension: Dimension, supply: Supply, nowMs: number): Meter {
  return { dimension, state: openState(dimension, supply, nowMs), held: 0, settled: 0, openedMs: nowMs };
}

function openState(dimension: Dimension, supply: Supply, nowMs: number): Meter['state'] {
  switch (dimension.algorithm) {
    case 'bucket':
      return openBucket(dimension, supply, nowMs);
    case 'fixed':
      return openFixed(dimension, nowMs);
    case 'sliding':
      return openSliding();
  }
}

export function advance(meter: Meter, supply: Supply, nowMs: number): Meter {
  const { dimension, state } = meter;
  switch (state.kind) {
    case 'bucket':
      return { ...meter, state: refillBucket(state, dimension, supply, nowMs) };
    case 'fixed':
      return { ...meter, state: advanceFixed(state, dimension, nowMs) };
    case 'sliding':
      return { ...meter, state: advanceSliding(state, dimension, nowMs) };
  }
}

/** What could be taken now; below zero in debt. */
export function leftOf({ dimension, state }: Meter, supply: Supply, nowMs: number): number {
  switch (state.kind) {
    case 'bucket':
      return state.level;
    case 'fixed':
      return leftOfFixed(state, dimension, supply, nowMs);
    case 'sliding':
      return leftOfSliding(state, dimension, supply, nowMs);
  }
}

export function covers(meter: Meter, hold: number, supply: Supply, nowMs: number): boolean {
  const left = leftOf(meter, supply, nowMs);
  return left > 0 && left >= Math.min(hold, sizeOf(meter.dimension, valueAt(supply.multiplier, nowMs)));
}

export function hold(meter: Meter, amount: number, nowMs: number): Meter {
  return { ...meter, state: take(meter.state, amount, nowMs), held: meter.held + amount };
}

export function charge(meter: Meter, amount: number, nowMs: number): Meter {
  return { ...meter, state: take(meter.state, amount, nowMs), settled: meter.settled + amount };
}

export function settleHold(meter: Meter, settling: Settling, nowMs: number): Meter {
  return {
    ...meter,
    state: settleState(meter, settling, nowMs),
    held: meter.held - settling.hold,
    settled: meter.settled + settling.charge,
  };
}

/** Open calls keep their holds: what replaces a meter begins with them taken. */
export function replaceMeter(before: Meter, dimension: Dimension, supply: Supply, nowMs: number): Meter {
  if (before.dimension.algorithm === dimension.algorithm)
    return advance({ ...before, dimension }, supply, nowMs);
  const state = take(openState(dimension, supply, nowMs), before.held, nowMs);
  return { ...before, dimension, state };
}

function take(state: Meter['state'], amount: number, nowMs: number): Meter['state'] {
  if (amount === 0) return state;
  switch (state.kind) {
    case 'bucket':
      return takeFromBucket(state, amount);
    case 'fixed':
      return takeFromFixed(state, amount);
    case 'sliding':
      return takeFromSliding(state, amount, nowMs);
  }
}

function settleState({ dimension, state }: Meter, settling: Settling, nowMs: number): Meter['state'] {
  switch (state.kind) {
    case 'bucket':
      return settleBucket(state, settling);
    case 'fixed':
      return settleFixed(state, dimension, settling);
    case 'sliding':
      return settleSliding(state, settling, nowMs);
  }
}
