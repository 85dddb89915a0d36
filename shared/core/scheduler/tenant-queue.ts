import type { SizeLane, SizeLanes } from './size-lanes.ts';
import { isBefore, type WaitingEntry } from './waiting-entry.ts';
import { createWaitingHeap, type WaitingHeap } from './waiting-heap.ts';

/** What one tenant has waiting in one class. */
export interface TenantQueue<R> {
  add(entry: WaitingEntry<R>): void;
  /** Expired ones are passed to whoever keeps them. */
  head(nowMs: number): WaitingEntry<R> | undefined;
  /** One of this tenant's has gone. */
  oneGone(): void;
  /** In memory, with those that have gone. */
  kept(): number;
  entries(): readonly WaitingEntry<R>[];
}

export const createTenantQueue = <R>(
  sizeLanes: SizeLanes | undefined,
  onExpired: (entry: WaitingEntry<R>) => void,
): TenantQueue<R> => {
  const lanes: Record<SizeLane, WaitingHeap<R>> = {
    small: createWaitingHeap<R>(isBefore),
    large: createWaitingHeap<R>(isBefore),
  };

  const headOf = (lane: SizeLane, nowMs: number): WaitingEntry<R> | undefined => {
    for (;;) {
      const entry = lanes[lane].peek();
      if (entry === undefined || entry.shape.expiresAtMs > nowMs) return entry;
      lanes[lane].pop();
      onExpired(entry);
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
    oneGone: () => {
      lanes.small.oneGone();
      lanes.large.oneGone();
    },
    kept: () => lanes.small.size() + lanes.large.size(),
    entries: () => [...lanes.small.waiting(), ...lanes.large.waiting()],
  };
};
