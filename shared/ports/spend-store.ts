import type { Spend, SpendLimit } from '../core/limits/spend-limits.ts';

/** Of one tenant, in one period. */
export interface SpendAccount {
  readonly tenant: string;
  readonly period: string;
}

/**
 * What tenants that have a budget, or a limit of tokens a day, have used of it: calls that have ended with what they
 * cost, calls under way with the most that they may. All pools and owners count on the same account.
 */
export interface SpendStore {
  /** Counts it unless that would exceed the limit; whether it did. However many ask at once, the limit holds. */
  reserve(tenant: string, limit: SpendLimit, amount: Spend): Promise<boolean>;
  /** What was reserved turned out to be more, or less. */
  correct(account: SpendAccount, by: Spend): Promise<void>;
  read(account: SpendAccount): Promise<Spend>;
}
