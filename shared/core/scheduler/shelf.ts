/** A message that is hidden until about its tenant's turn. */
export interface Shelved {
  readonly receipt: string;
  readonly sentAtMs: number;
  /** Then it is visible again, without anybody's doing. */
  readonly untilMs: number;
}

/** What of one lane is hidden because its tenants have their places, so that others can be seen behind it. */
export interface Shelf {
  put(tenant: string, shelved: Shelved): void;
  /** So many of a tenant's, the oldest first. They are no longer on the shelf. */
  take(tenant: string, most: number, nowMs: number): readonly Shelved[];
  /** How many of a tenant's were sent before. */
  before(tenant: string, sentAtMs: number): number;
  /** Those whose were taken longest ago come first. */
  tenants(): readonly string[];
  size(): number;
  /** Forgets what has become visible by itself. */
  forgetDue(nowMs: number): void;
  clear(): void;
}

/** How many of a list that is in order of sending were sent before. */
const countBefore = (list: readonly Shelved[], sentAtMs: number): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.sentAtMs ?? 0) < sentAtMs) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const createShelf = (): Shelf => {
  const byTenant = new Map<string, Shelved[]>();
  let size = 0;

  const keep = (tenant: string, list: Shelved[]): void => {
    size += list.length - (byTenant.get(tenant)?.length ?? 0);
    if (list.length === 0) byTenant.delete(tenant);
    else byTenant.set(tenant, list);
  };

  return {
    put: (tenant, shelved) => {
      const list = byTenant.get(tenant) ?? [];
      byTenant.set(tenant, list);
      // Times of sending are whole milliseconds: those of one time stay in the order in which they came.
      list.splice(countBefore(list, shelved.sentAtMs + 1), 0, shelved);
      size += 1;
    },
    take: (tenant, most, nowMs) => {
      const list = byTenant.get(tenant) ?? [];
      const hidden = list.filter(({ untilMs }) => untilMs > nowMs);
      byTenant.delete(tenant);
      size -= list.length;
      keep(tenant, hidden.slice(most));
      return hidden.slice(0, most);
    },
    before: (tenant, sentAtMs) => countBefore(byTenant.get(tenant) ?? [], sentAtMs),
    tenants: () => [...byTenant.keys()],
    size: () => size,
    forgetDue: (nowMs) => {
      for (const [tenant, list] of byTenant)
        keep(
          tenant,
          list.filter(({ untilMs }) => untilMs > nowMs),
        );
    },
    clear: () => {
      byTenant.clear();
      size = 0;
    },
  };
};
