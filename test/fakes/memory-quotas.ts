import type { QuotaReading } from '../../shared/contract/quota-reading.ts';
import type { ListedQuota } from '../../shared/core/quota/match-service-quota.ts';
import type { QuotaReadings } from '../../shared/ports/quota-readings.ts';
import type { ServiceQuotas } from '../../shared/ports/service-quotas.ts';

export const createMemoryQuotaReadings = (): QuotaReadings => {
  const readings = new Map<string, QuotaReading>();
  return {
    read: async (pool) => readings.get(pool),
    write: async (pool, reading) => {
      readings.set(pool, reading);
    },
  };
};

export interface MemoryServiceQuotas extends ServiceQuotas {
  /** From now on; an error is what every look ends in. */
  grant(quotas: Readonly<Record<string, number>> | Error): void;
  readonly looks: () => number;
}

export const createMemoryServiceQuotas = (): MemoryServiceQuotas => {
  let granted: Readonly<Record<string, number>> | Error = {};
  let looks = 0;
  return {
    list: async (): Promise<readonly ListedQuota[]> => {
      looks += 1;
      if (granted instanceof Error) throw granted;
      return Object.entries(granted).map(([name, value]) => ({ code: name, name, value }));
    },
    grant: (quotas) => {
      granted = quotas;
    },
    looks: () => looks,
  };
};
