import type { Pool } from '../contract/pools.ts';
import { type Quota, SERVICE_QUOTAS } from '../contract/quota-settings.ts';
import type { PoolQuota } from '../contract/quota-view.ts';
import { controlOf } from '../core/controls/in-force.ts';
import { type QuotaInForce, quotaInForce } from '../core/quota/quota-in-force.ts';
import { toQuotaView } from '../core/to-quota-view.ts';
import type { QuotaReadings } from '../ports/quota-readings.ts';
import { readReportIfAny, type ViewDeps } from './view-context.ts';

export interface ReadQuotaDeps extends ViewDeps {
  readonly quotaReadings: QuotaReadings;
}

/** As its owner would find it; only owners look at Service Quotas. */
const inForceOf = async (
  name: string,
  pool: Pool,
  { quotaReadings }: ReadQuotaDeps,
  override: Quota | undefined,
): Promise<QuotaInForce> =>
  pool.quota === SERVICE_QUOTAS
    ? quotaInForce(pool, { reading: await quotaReadings.read(name), override })
    : quotaInForce(pool, { override });

/** The quota of every pool, as its owner last told. */
export const createReadQuota = (deps: ReadQuotaDeps) => async (): Promise<readonly PoolQuota[]> => {
  const { settings, clock } = deps;
  const controls = await deps.seenControls();
  return Promise.all(
    Object.entries(settings.models).map(async ([name, pool]) => {
      const set = controlOf(controls, 'pool', name);
      return toQuotaView(name, pool, {
        report: await readReportIfAny(name, deps),
        nowMs: clock.nowMs(),
        maxConcurrent: settings.max_concurrent_executions,
        inForce: await inForceOf(name, pool, deps, set?.quota),
        region: deps.region,
        isPaused: set?.paused ?? false,
      });
    }),
  );
};
