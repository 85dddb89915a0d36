import { createBinaryHeap } from '../binary-heap.ts';

/**
 * Virtual counters of one class: what each tenant was served, in tokens by its weight. The tenant with the smallest
 * is next. A tenant that comes back is lifted to the smallest of those that wait: what it did not use while it was
 * away is not saved up. (VTC: Sheng et al., OSDI 2024.)
 */
export interface VirtualCounters {
  /** Something of this tenant waits. */
  activate(tenant: string): void;
  deactivate(tenant: string): void;
  charge(tenant: string, tokens: number): void;
  /** The waiting tenants that were served least, in that order. */
  first(count: number): readonly string[];
  /** Above the tenant served least; the tenants charged last come first. */
  save(): readonly (readonly [string, number])[];
}

interface Counter {
  readonly tenant: string;
  value: number;
  isActive: boolean;
  /** Of its record in the heap; older ones are stale. */
  version: number;
  /** Waited when the owner before took its snapshot: it does not come back, it was here all the time. */
  isInherited: boolean;
}

interface Rank {
  readonly counter: Counter;
  readonly value: number;
  readonly version: number;
  /** Of equals, the one that has waited longest at its value. */
  readonly order: number;
}

const isBefore = (one: Rank, other: Rank): boolean =>
  one.value < other.value || (one.value === other.value && one.order < other.order);

/** Beyond so many, those that are away and have nothing to make up for are forgotten. */
const MOST_COUNTERS = 5000;

export const createVirtualCounters = (
  weightOf: (tenant: string) => number,
  saved: readonly (readonly [string, number])[] = [],
): VirtualCounters => {
  const counters = new Map<string, Counter>(
    [...saved]
      .reverse()
      .map(([tenant, value]) => [tenant, { tenant, value, isActive: false, version: 0, isInherited: true }]),
  );
  let ranks = createBinaryHeap<Rank>(isBefore);
  let floor = 0;
  let active = 0;
  let order = 0;

  const toRank = (counter: Counter): Rank => {
    order += 1;
    return { counter, value: counter.value, version: counter.version, order };
  };

  const rank = (counter: Counter): void => {
    counter.version += 1;
    ranks.push(toRank(counter));
    if (ranks.size() <= 4 * active + 64) return;
    // Mostly stale by now.
    ranks = createBinaryHeap<Rank>(isBefore);
    for (const each of counters.values()) if (each.isActive) ranks.push(toRank(each));
  };

  const least = (): Rank | undefined => {
    for (;;) {
      const top = ranks.peek();
      if (top === undefined || (top.counter.isActive && top.version === top.counter.version)) return top;
      ranks.pop();
    }
  };

  const counterOf = (tenant: string): Counter => {
    const counter = counters.get(tenant) ?? {
      tenant,
      value: floor,
      isActive: false,
      version: 0,
      isInherited: false,
    };
    // The order of a Map is that of insertion: the last is the one used last.
    counters.delete(tenant);
    counters.set(tenant, counter);
    return counter;
  };

  const forget = (): void => {
    if (counters.size <= MOST_COUNTERS) return;
    for (const [tenant, { isActive, value }] of counters)
      if (!isActive && value <= floor) counters.delete(tenant);
  };

  return {
    activate: (tenant) => {
      const counter = counterOf(tenant);
      if (counter.isActive) return;
      if (!counter.isInherited) counter.value = Math.max(counter.value, least()?.value ?? floor);
      counter.isInherited = false;
      counter.isActive = true;
      active += 1;
      rank(counter);
      forget();
    },
    deactivate: (tenant) => {
      const counter = counters.get(tenant);
      if (counter?.isActive !== true) return;
      floor = Math.max(floor, least()?.value ?? floor);
      counter.isActive = false;
      active -= 1;
    },
    charge: (tenant, tokens) => {
      const counter = counterOf(tenant);
      counter.value += tokens / weightOf(tenant);
      if (counter.isActive) rank(counter);
    },
    first: (count) => {
      const taken: Rank[] = [];
      for (let top = least(); top !== undefined && taken.length < count; top = least()) {
        taken.push(top);
        ranks.pop();
      }
      for (const each of taken) ranks.push(each);
      return taken.map(({ counter }) => counter.tenant);
    },
    save: () => {
      const base = least()?.value ?? floor;
      return [...counters.values()]
        .reverse()
        .filter(({ isActive, value }) => isActive || value > base)
        .map(({ tenant, value }) => [tenant, Math.round(value - base)] as const);
    },
  };
};
