import type { Pool } from '../../contract/pools.ts';
import type { QuotaReading } from '../../contract/quota-reading.ts';
import { MEASURED } from '../../contract/quota-settings.ts';
import { headroomWarning } from '../../core/quota/with-headroom.ts';
import { type QuotaDeps, readServiceQuota } from './read-service-quota.ts';

/** That a reading cannot be had keeps nothing from running: the fallback is for that. */
export const readQuotaIfAny = async (
  name: string,
  pool: Pool,
  deps: QuotaDeps,
): Promise<QuotaReading | undefined> => {
  try {
    const reading = await readServiceQuota(name, pool, deps);
    const warning =
      pool.headroom === MEASURED ? undefined : headroomWarning(reading?.quota ?? {}, pool.headroom);
    if (warning !== undefined)
      deps.telemetry.log('warn', 'headroom_leaves_nothing', { pool: name, detail: warning });
    return reading;
  } catch (error) {
    deps.telemetry.log('warn', 'quota_not_read', { pool: name, error: String(error) });
    return undefined;
  }
};
