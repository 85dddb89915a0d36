import type { Pool } from '../contract/pools.ts';
import { MEASURED, type Quota, SERVICE_QUOTAS } from '../contract/quota-settings.ts';
import type { PoolQuota } from '../contract/quota-view.ts';
import { controlOf } from '../core/controls/in-force.ts';
import { type QuotaInForce, quotaInForce } from '../core/quota/quota-in-force.ts';
import { toQuotaView } from '../core/to-quota-view.ts';
import type { UseReadings } from '../ports/account-use.ts';
import type { ControlStore } from '../ports/control-store.ts';
import type { QuotaReadings } from '../ports/quota-readings.ts';
import { readReportIfAny, type ViewDeps } from './view-context.ts';

export interface ReadQuotaDeps extends ViewDeps {
  readonly quotaReadings: QuotaReadings;
  readonly useReadings: UseReadings;
  readonly controls: Pick<ControlStore, 'read'>;
}

/** As its owner would find it; only owners look at Service Quotas, and at what others use. */
const inForceOf = async (
  name: string,
  pool: Pool,
  { quotaReadings, useReadings }: ReadQuotaDeps,
  override: Quota | undefined,
): Promise<QuotaInForce> => {
  const [reading, use] = await Promise.all([
    pool.quota === SERVICE_QUOTAS ? quotaReadings.read(name) : undefined,
    pool.headroom === MEASURED ? useReadings.read(name) : undefined,
  ]);
  return quotaInForce(pool, { reading, use, override });
};

/** The quota of every pool, as its owner last told. */
export const createReadQuota = (deps: ReadQuotaDeps) => async (): Promise<readonly PoolQuota[]> => {
  const { settings, clock } = deps;
  // Who has just paused a pool looks here whether it took.
  const controls = await deps.controls.read();
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
