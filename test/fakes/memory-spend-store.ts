import { addSpend, NO_SPEND, type Spend } from '../../shared/core/limits/spend-limits.ts';
import type { SpendStore } from '../../shared/ports/spend-store.ts';

export const createMemorySpendStore = (): SpendStore => {
  const accounts = new Map<string, Spend>();
  const spentOf = (tenant: string, period: string): Spend => accounts.get(`${tenant} ${period}`) ?? NO_SPEND;
  return {
    reserve: async (tenant, { period, most }, amount) => {
      const after = addSpend(spentOf(tenant, period), amount);
      if (after.microdollars > (most.microdollars ?? Number.POSITIVE_INFINITY)) return false;
      if (after.tokens > (most.tokens ?? Number.POSITIVE_INFINITY)) return false;
      accounts.set(`${tenant} ${period}`, after);
      return true;
    },
    correct: async ({ tenant, period }, by) => {
      accounts.set(`${tenant} ${period}`, addSpend(spentOf(tenant, period), by));
    },
    read: async ({ tenant, period }) => spentOf(tenant, period),
  };
};
