import { type Dimension, perMillisecond, sizeOf } from './dimension.ts';
import type { Settling } from './settling.ts';
import { othersUseMs, type Supply } from './supply.ts';
import { valueAt } from './timeline.ts';

/** A counter that starts anew with each period of the clock. */
export interface FixedState {
  readonly kind: 'fixed';
  readonly periodStartMs: number;
  readonly used: number;
}

export function openFixed(dimension: Dimension, nowMs: number): FixedState {
  return { kind: 'fixed', periodStartMs: periodStart(dimension, nowMs), used: 0 };
}

export function advanceFixed(state: FixedState, dimension: Dimension, nowMs: number): FixedState {
  const periodStartMs = periodStart(dimension, nowMs);
  return periodStartMs === state.periodStartMs ? state : { kind: 'fixed', periodStartMs, used: 0 };
}

export function leftOfFixed(state: FixedState, dimension: Dimension, supply: Supply, nowMs: number): number {
  const othersMs = othersUseMs(supply, { fromMs: state.periodStartMs, toMs: nowMs });
  const size = sizeOf(dimension, valueAt(supply.multiplier, nowMs));
  return size - othersMs * perMillisecond(dimension) - state.used;
}

export function takeFromFixed(state: FixedState, amount: number): FixedState {
  return { ...state, used: state.used + amount };
}

/** A hold belongs to the period in which it was made; what exceeds it later is charged to the period that runs. */
export function settleFixed(state: FixedState, dimension: Dimension, settling: Settling): FixedState {
  const { hold, charge, heldAtMs } = settling;
  const samePeriod = periodStart(dimension, heldAtMs) === state.periodStartMs;
  return takeFromFixed(state, samePeriod ? charge - hold : Math.max(0, charge - hold));
}

function periodStart({ periodSeconds }: Dimension, nowMs: number): number {
  const periodMs = periodSeconds * 1000;
  return Math.floor(nowMs / periodMs) * periodMs;
}
