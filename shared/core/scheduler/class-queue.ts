import type { SizeLanes } from './size-lanes.ts';
import { createTenantQueue, type TenantQueue } from './tenant-queue.ts';
import { createVirtualCounters } from './virtual-counters.ts';
import { expiresSooner, isSmaller, type WaitingEntry } from './waiting-entry.ts';
import { createWaitingHeap } from './waiting-heap.ts';

/** All that waits in one class, fair between its tenants. */
export interface ClassQueue<R> {
  add(entry: WaitingEntry<R>): void;
  addFront(entry: WaitingEntry<R>): void;
  head(nowMs: number): WaitingEntry<R> | undefined;
  /** Who might go in place of a head that does not fit: the heads of the next tenants, and the smallest of all. */
  others(nowMs: number): readonly WaitingEntry<R>[];
  gone(entry: WaitingEntry<R>, nowMs: number): void;
  charge(tenant: string, tokens: number): void;
  takeExpired(nowMs: number): readonly WaitingEntry<R>[];
  setPaused(tenant: string, paused: boolean): void;
  size(): number;
  /** In memory by the fullest heap, with those that have gone: what has gone must not stay for long. */
  kept(): number;
  drain(): readonly WaitingEntry<R>[];
  save(): readonly (readonly [string, number])[];
}

export interface ClassQueueOptions {
  readonly weightOf: (tenant: string) => number;
  readonly sizeLanes: SizeLanes | undefined;
  readonly saved: readonly (readonly [string, number])[] | undefined;
}

/** Tenants looked at when the first one's request does not fit. */
const TENANTS_TRIED = 4;

export const createClassQueue = <R>(options: ClassQueueOptions): ClassQueue<R> => {
  const counters = createVirtualCounters(options.weightOf, options.saved);
  const tenants = new Map<string, TenantQueue<R>>();
  const paused = new Set<string>();
  let front: WaitingEntry<R>[] = [];
  let expired: WaitingEntry<R>[] = [];
  let smallest = createWaitingHeap<R>(isSmaller);
  let byExpiry = createWaitingHeap<R>(expiresSooner);
  let size = 0;

  const isServed = ({ shape }: WaitingEntry<R>): boolean => !paused.has(shape.tenant);

  const queueOf = (tenant: string): TenantQueue<R> => {
    const known = tenants.get(tenant);
    if (known !== undefined) return known;
    const queue = createTenantQueue<R>(options.sizeLanes, (entry) => expired.push(entry));
    tenants.set(tenant, queue);
    return queue;
  };

  const leave = (tenant: string): void => {
    counters.deactivate(tenant);
    tenants.delete(tenant);
  };

  /** Heads of the tenants served least; a tenant that turns out to have nothing left is forgotten. */
  const heads = (count: number, nowMs: number): readonly WaitingEntry<R>[] => {
    for (;;) {
      const names = counters.first(count);
      const found = names.map((name) => [name, tenants.get(name)?.head(nowMs)] as const);
      const empty = found.filter(([, entry]) => entry === undefined);
      if (empty.length === 0) return found.flatMap(([, entry]) => entry ?? []);
      for (const [name] of empty) leave(name);
    }
  };

  const mark = (entry: WaitingEntry<R>): void => {
    entry.isGone = true;
    size -= 1;
    smallest.oneGone();
    byExpiry.oneGone();
    tenants.get(entry.shape.tenant)?.oneGone();
  };

  const forgetGone = (): void => {
    front = front.filter(({ isGone }) => !isGone);
    expired = expired.filter(({ isGone }) => !isGone);
  };

  return {
    add: (entry) => {
      size += 1;
      queueOf(entry.shape.tenant).add(entry);
      smallest.push(entry);
      byExpiry.push(entry);
      if (isServed(entry)) counters.activate(entry.shape.tenant);
    },
    addFront: (entry) => {
      size += 1;
      front.unshift(entry);
      byExpiry.push(entry);
    },
    head: (nowMs) => front.find(isServed) ?? heads(1, nowMs)[0] ?? expired.find(isServed),
    others: (nowMs) => {
      const small = smallest.peek();
      const isFit = small !== undefined && isServed(small) && small.shape.expiresAtMs > nowMs;
      return isFit ? [...heads(TENANTS_TRIED, nowMs), small] : heads(TENANTS_TRIED, nowMs);
    },
    gone: (entry, nowMs) => {
      mark(entry);
      forgetGone();
      const { tenant } = entry.shape;
      if (tenants.get(tenant)?.head(nowMs) === undefined) leave(tenant);
    },
    charge: (tenant, tokens) => counters.charge(tenant, tokens),
    takeExpired: (nowMs) => {
      const taken: WaitingEntry<R>[] = [];
      for (let next = byExpiry.peek(); next !== undefined; next = byExpiry.peek()) {
        if (next.shape.expiresAtMs > nowMs) break;
        mark(next);
        taken.push(next);
      }
      if (taken.length > 0) forgetGone();
      return taken;
    },
    setPaused: (tenant, isPaused) => {
      if (isPaused) {
        paused.add(tenant);
        counters.deactivate(tenant);
      } else if (paused.delete(tenant) && tenants.has(tenant)) counters.activate(tenant);
    },
    size: () => size,
    kept: () =>
      Math.max(smallest.size(), byExpiry.size(), ...[...tenants.values()].map((queue) => queue.kept())),
    drain: () => {
      const all = [...front, ...[...tenants.values()].flatMap((queue) => queue.entries()), ...expired];
      for (const name of [...tenants.keys()]) leave(name);
      front = [];
      expired = [];
      smallest = createWaitingHeap(isSmaller);
      byExpiry = createWaitingHeap(expiresSooner);
      size = 0;
      return all;
    },
    save: () => counters.save(),
  };
};
