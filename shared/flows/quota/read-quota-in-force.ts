import type { Pool } from '../../contract/pools.ts';
import { type QuotaInForce, quotaInForce } from '../../core/quota/quota-in-force.ts';
import { type QuotaDeps, readServiceQuota } from './read-service-quota.ts';

/** The limits to begin with. That a reading cannot be had keeps nothing from running: the fallback is for that. */
export const readQuotaInForce = async (name: string, pool: Pool, deps: QuotaDeps): Promise<QuotaInForce> => {
  try {
    return quotaInForce(pool, { reading: await readServiceQuota(name, pool, deps) });
  } catch (error) {
    deps.telemetry.log('warn', 'quota_not_read', { pool: name, error: String(error) });
    return quotaInForce(pool);
  }
};
