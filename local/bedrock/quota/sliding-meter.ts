import { type Dimension, perMillisecond, sizeOf } from './dimension.ts';
import type { Settling } from './settling.ts';
import { othersUseMs, type Supply } from './supply.ts';
import { valueAt } from './timeline.ts';

/** A sum over the last period. */
export interface SlidingState {
  readonly kind: 'sliding';
  /** Oldest first. */
  readonly entries: readonly Entry[];
}

/** Everything of one slot of time; it counts until a whole period after the slot's end. */
interface Entry {
  readonly slot: number;
  readonly amount: number;
}

/** Short enough to be exact within 0.02 % of a minute, and long enough to keep few entries. */
const slotMs = 10;

export function openSliding(): SlidingState {
  return { kind: 'sliding', entries: [] };
}

export function advanceSliding(
  state: SlidingState,
  { periodSeconds }: Dimension,
  nowMs: number,
): SlidingState {
  const isOver = ({ slot }: Entry) => (slot + 1) * slotMs + periodSeconds * 1000 <= nowMs;
  const over = state.entries.findIndex((entry) => !isOver(entry));
  if (over === 0 || state.entries.length === 0) return state;
  return { ...state, entries: over === -1 ? [] : state.entries.slice(over) };
}

export function leftOfSliding(
  state: SlidingState,
  dimension: Dimension,
  supply: Supply,
  nowMs: number,
): number {
  const used = state.entries.reduce((sum, { amount }) => sum + amount, 0);
  const othersMs = othersUseMs(supply, { fromMs: nowMs - dimension.periodSeconds * 1000, toMs: nowMs });
  const size = sizeOf(dimension, valueAt(supply.multiplier, nowMs));
  return size - othersMs * perMillisecond(dimension) - used;
}

export function takeFromSliding(state: SlidingState, amount: number, nowMs: number): SlidingState {
  const slot = slotOf(nowMs);
  const last = state.entries.at(-1);
  const entries =
    last?.slot === slot
      ? state.entries.with(-1, { slot, amount: last.amount + amount })
      : [...state.entries, { slot, amount }];
  return { ...state, entries };
}

/** The charge counts where the hold was made; what exceeds a hold that is out of sight counts from now on. */
export function settleSliding(state: SlidingState, settling: Settling, nowMs: number): SlidingState {
  const { hold, charge, heldAtMs } = settling;
  const slot = slotOf(heldAtMs);
  const index = state.entries.findLastIndex((entry) => entry.slot === slot);
  const entry = state.entries[index];
  if (entry === undefined) return takeFromSliding(state, Math.max(0, charge - hold), nowMs);
  return { ...state, entries: state.entries.with(index, { slot, amount: entry.amount + charge - hold }) };
}

function slotOf(nowMs: number): number {
  return Math.floor(nowMs / slotMs);
}
