import type { TenantStore } from '../../shared/ports/tenant-store.ts';

export interface MemoryTenantStore extends TenantStore {
  all(): readonly { readonly pool: string; readonly tenant: string; readonly waiting: number }[];
}

export const createMemoryTenantStore = (): MemoryTenantStore => {
  const counts = new Map<string, number>();
  const keyOf = (pool: string, tenant: string): string => JSON.stringify([pool, tenant]);
  const countOf = (key: string): number => Math.max(0, counts.get(key) ?? 0);
  return {
    addWaiting: async (pool, tenant, delta) => {
      const key = keyOf(pool, tenant);
      const count = (counts.get(key) ?? 0) + delta;
      counts.set(key, count);
      return count;
    },
    readWaiting: async (pool, tenant) => countOf(keyOf(pool, tenant)),
    setRight: async (pool, tenant) => {
      counts.set(keyOf(pool, tenant), 0);
    },
    setRightIf: async (pool, tenant, seen) => {
      const key = keyOf(pool, tenant);
      if (counts.get(key) !== seen) return false;
      counts.set(key, 0);
      return true;
    },
    all: () =>
      [...counts].map(([key, waiting]) => {
        const [pool, tenant] = JSON.parse(key) as [string, string];
        return { pool, tenant, waiting };
      }),
  };
};
