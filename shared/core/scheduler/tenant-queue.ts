import { type BinaryHeap, createBinaryHeap } from '../binary-heap.ts';
import type { SizeLane, SizeLanes } from './size-lanes.ts';
import { isBefore, type WaitingEntry } from './waiting-entry.ts';

/** What one tenant has waiting in one class. */
export interface TenantQueue<R> {
  add(entry: WaitingEntry<R>): void;
  /** Expired ones are passed to whoever keeps them. */
  head(nowMs: number): WaitingEntry<R> | undefined;
  entries(): readonly WaitingEntry<R>[];
}

export const createTenantQueue = <R>(
  sizeLanes: SizeLanes | undefined,
  onExpired: (entry: WaitingEntry<R>) => void,
): TenantQueue<R> => {
  const lanes: Record<SizeLane, BinaryHeap<WaitingEntry<R>>> = {
    small: createBinaryHeap(isBefore),
    large: createBinaryHeap(isBefore),
  };

  const headOf = (lane: SizeLane, nowMs: number): WaitingEntry<R> | undefined => {
    for (;;) {
      const entry = lanes[lane].peek();
      if (entry === undefined || (!entry.isGone && entry.shape.expiresAtMs > nowMs)) return entry;
      lanes[lane].pop();
      if (!entry.isGone) onExpired(entry);
    }
  };

  return {
    add: (entry) => {
      const isLarge = sizeLanes !== undefined && entry.shape.costTokens > sizeLanes.boundaryTokens;
      lanes[isLarge ? 'large' : 'small'].push(entry);
    },
    head: (nowMs) => {
      const small = headOf('small', nowMs);
      const large = headOf('large', nowMs);
      if (small === undefined || large === undefined) return small ?? large;
      const preferred = sizeLanes?.prefer(nowMs);
      if (preferred !== undefined) return preferred === 'small' ? small : large;
      return isBefore(small, large) ? small : large;
    },
    entries: () => [...lanes.small.items(), ...lanes.large.items()].filter(({ isGone }) => !isGone),
  };
};
