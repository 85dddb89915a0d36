import type { ListedQuota } from '../core/quota/match-service-quota.ts';

/** What AWS grants the account in the region. */
export interface ServiceQuotas {
  /** Every quota of Bedrock: as applied to the account, or as it is by default. Rejects when it cannot be read whole. */
  list(which: 'applied' | 'default', timeoutMs: number): Promise<readonly ListedQuota[]>;
}
