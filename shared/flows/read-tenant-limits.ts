import type { Settings } from '../contract/settings.ts';
import { tenantSettingsOf } from '../contract/tenants.ts';
import { type Spend, spendLimitsOf } from '../core/limits/spend-limits.ts';
import { type RateLimitParts, tenantRateLimits } from '../core/limits/tenant-rate-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { SpendStore } from '../ports/spend-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface TenantLimitDeps {
  readonly settings: Settings;
  /** As headers show it: a few seconds old at most. */
  readonly seenSpends: Pick<SpendStore, 'read'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** For headers: that it cannot be had keeps nobody from an answer. Nothing is read for tenants without a limit. */
export const readTenantLimits = async (
  tenant: string,
  { settings, seenSpends, clock, telemetry }: TenantLimitDeps,
): Promise<RateLimitParts> => {
  const own = tenantSettingsOf(settings, tenant);
  const nowMs = clock.nowMs();
  const spent = new Map<string, Spend>();
  try {
    for (const { period } of spendLimitsOf(own, nowMs))
      spent.set(period, await seenSpends.read({ tenant, period }));
  } catch (error) {
    telemetry.log('warn', 'spend_not_read', { tenant, error: String(error) });
  }
  return tenantRateLimits(own, (period) => spent.get(period), nowMs);
};
