import { tenantSettingsOf } from '../../contract/tenants.ts';
import {
  addSpend,
  mostSpendOf,
  NO_SPEND,
  type Spend,
  type SpendLimit,
  spendLimitsOf,
  subtractSpend,
} from '../../core/limits/spend-limits.ts';
import { exceedsAll, refusalOf } from '../../core/limits/spend-refusal.ts';
import type { Target } from '../../core/targets/targets-of.ts';
import { createCorrections } from './corrections.ts';
import type { DrainDeps } from './drain-deps.ts';
import type { Staged } from './held-requests.ts';

/** Whether a call may be made, as far as its tenant's means go. */
export type Allowance =
  | { readonly kind: 'free' }
  /** Until one of the tenant's calls ends, or its next period begins. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'fail'; readonly detail: string };

export interface Spending {
  /** Reserves the most that a call may come to; throws when that cannot be told. */
  allow(staged: Staged, target: Target): Promise<Allowance>;
  /** What it came to. Without a word of it, all that was reserved stays counted. */
  came(staged: Staged, to?: Spend): void;
  /** Nothing of the tenant is sent for the time being. */
  isHeld(tenant: string): boolean;
  /** Since when a tenant has spent what it may, where its requests wait for more. */
  spentSinceMs(tenant: string): number | undefined;
  spentTenants(): readonly string[];
  /** With each heartbeat: writes down what calls came to, and looks whether tenants have means again. */
  beat(): Promise<void>;
  close(): Promise<void>;
}

type SpendDeps = Pick<DrainDeps, 'settings' | 'spends' | 'clock' | 'random' | 'telemetry'>;

interface Hold {
  /** By the clock of the world. */
  readonly sinceMs: number;
  /** Until one of its own calls ends, which may come to less than was reserved for it. */
  readonly isShort: boolean;
  readonly wanted: Spend;
  readonly limit: SpendLimit;
}

/** Another pool's calls may come to less than was reserved, or a day may have begun. */
const LOOK_AGAIN_MS = 30_000;

export const createSpending = (deps: SpendDeps, onChange: (tenant: string) => void): Spending => {
  const { settings, spends, clock, telemetry } = deps;
  const holds = new Map<string, Hold>();
  const underWay = new Map<string, number>();
  const corrections = createCorrections(deps);
  let lookAgainAtMs = clock.monotonicMs() + LOOK_AGAIN_MS;

  const limitsOf = (tenant: string): readonly SpendLimit[] =>
    spendLimitsOf(tenantSettingsOf(settings, tenant), clock.nowMs());

  const lift = (tenant: string): void => {
    if (holds.delete(tenant)) onChange(tenant);
  };

  const reserve = async (tenant: string, limit: SpendLimit, amount: Spend): Promise<boolean> => {
    if (await spends.reserve(tenant, limit, amount)) return true;
    // What its earlier calls came to may be less than is counted yet.
    if (!(await corrections.write({ tenant, period: limit.period }))) return false;
    return spends.reserve(tenant, limit, amount);
  };

  /** All or nothing; answers with the limit that has no room for it. */
  const reserveAll = async (
    tenant: string,
    limits: readonly SpendLimit[],
    amount: Spend,
  ): Promise<SpendLimit | undefined> => {
    for (const [index, limit] of limits.entries()) {
      if (await reserve(tenant, limit, amount)) continue;
      for (const { period } of limits.slice(0, index))
        corrections.add({ tenant, period }, subtractSpend(NO_SPEND, amount));
      return limit;
    }
    return undefined;
  };

  const hold = (tenant: string, limit: SpendLimit, wanted: Spend): Allowance => {
    const { budget } = tenantSettingsOf(settings, tenant);
    if (exceedsAll(limit, wanted)) return { kind: 'fail', detail: refusalOf(limit, wanted) };
    const isShort = (underWay.get(tenant) ?? 0) > 0;
    if (!isShort && budget?.when_spent === 'fail') return { kind: 'fail', detail: refusalOf(limit, wanted) };
    // Others of its calls may have been refused at the same time.
    if (holds.get(tenant)?.isShort === false) return { kind: 'wait' };
    if (!isShort) telemetry.log('warn', 'tenant_has_spent', { tenant, period: limit.period });
    holds.set(tenant, { sinceMs: clock.nowMs(), isShort, wanted, limit });
    onChange(tenant);
    return { kind: 'wait' };
  };

  const began = (staged: Staged, limits: readonly SpendLimit[], amount: Spend): void => {
    const { tenant } = staged.held;
    staged.reserved = { periods: limits.map(({ period }) => period), amount };
    underWay.set(tenant, (underWay.get(tenant) ?? 0) + 1);
  };

  const hasRoom = async (tenant: string, { wanted, limit }: Hold): Promise<boolean> => {
    const now = limitsOf(tenant).find(({ period }) => period.length === limit.period.length);
    if (now === undefined || now.period !== limit.period) return true;
    const spent = await spends.read({ tenant, period: now.period });
    return !exceedsAll(now, addSpend(spent, wanted));
  };

  const lookAgain = async (): Promise<void> => {
    if (clock.monotonicMs() < lookAgainAtMs) return;
    lookAgainAtMs = clock.monotonicMs() + LOOK_AGAIN_MS;
    for (const [tenant, held] of holds) if (!held.isShort && (await hasRoom(tenant, held))) lift(tenant);
  };

  return {
    allow: async (staged, target) => {
      const { tenant } = staged.held;
      const limits = limitsOf(tenant);
      if (limits.length === 0) return { kind: 'free' };
      if (holds.has(tenant)) return { kind: 'wait' };
      const amount = mostSpendOf(staged.held, target);
      const refusedBy = await reserveAll(tenant, limits, amount);
      if (refusedBy !== undefined) return hold(tenant, refusedBy, amount);
      began(staged, limits, amount);
      return { kind: 'free' };
    },
    came: (staged, to) => {
      const { reserved } = staged;
      if (reserved === undefined) return;
      const { tenant } = staged.held;
      staged.reserved = undefined;
      if (to !== undefined)
        for (const period of reserved.periods)
          corrections.add({ tenant, period }, subtractSpend(to, reserved.amount));
      underWay.set(tenant, (underWay.get(tenant) ?? 1) - 1);
      if (holds.get(tenant)?.isShort === true) lift(tenant);
    },
    isHeld: (tenant) => holds.has(tenant),
    spentSinceMs: (tenant) => {
      const held = holds.get(tenant);
      return held === undefined || held.isShort ? undefined : held.sinceMs;
    },
    spentTenants: () => [...holds].flatMap(([tenant, { isShort }]) => (isShort ? [] : [tenant])),
    beat: async () => {
      await corrections.writeAll();
      try {
        await lookAgain();
      } catch (error) {
        telemetry.log('warn', 'spend_not_read', { error: String(error) });
      }
    },
    close: corrections.close,
  };
};
