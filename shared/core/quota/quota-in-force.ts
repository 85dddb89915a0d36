import type { Pool } from '../../contract/pools.ts';
import type { QuotaReading, QuotaSource } from '../../contract/quota-reading.ts';
import { configuredQuotaOf, type Quota, SERVICE_QUOTAS } from '../../contract/quota-settings.ts';
import type { GovernedPool } from '../governor/dimensions.ts';
import { headroomWarning, withHeadroom } from './with-headroom.ts';

/** The limits that a pool goes by, and where they come from. */
export interface QuotaInForce {
  readonly source: QuotaSource;
  /** As granted, before anything is left to others. */
  readonly granted: Quota;
  /** What this pipeline may use. */
  readonly limits: Quota;
  /** When Service Quotas was last read with success. */
  readonly readAtMs: number | undefined;
  /** When what it grants last changed. */
  readonly changedAtMs: number | undefined;
  /** Why it is not as asked for. */
  readonly warning: string | undefined;
}

export interface QuotaKnowledge {
  readonly reading?: QuotaReading | undefined;
  /** Limits that an operator has set meanwhile. */
  readonly override?: Quota | undefined;
}

type Granted = Omit<QuotaInForce, 'limits'>;

const plain = (source: QuotaSource, granted: Quota, warning?: string): Granted => ({
  source,
  granted,
  readAtMs: undefined,
  changedAtMs: undefined,
  warning,
});

const grantedTo = (pool: Pool, reading: QuotaReading | undefined): Granted => {
  const configured = configuredQuotaOf(pool);
  if (pool.quota !== SERVICE_QUOTAS) return plain('configured', configured);
  if (reading === undefined || reading.model_id !== pool.model_id)
    return plain('fallback', configured, 'Service Quotas has not been read yet.');
  if (reading.quota === undefined) return plain('fallback', configured, reading.detail);
  return {
    source: 'service-quotas',
    granted: reading.quota,
    readAtMs: reading.quota_read_at_ms,
    changedAtMs: reading.changed_at_ms,
    warning: reading.outcome === 'found' ? undefined : reading.detail,
  };
};

/** An operator's limits go before all others, one by one; what is left to others is left in any case. */
export const quotaInForce = (pool: Pool, { reading, override }: QuotaKnowledge = {}): QuotaInForce => {
  const base = grantedTo(pool, reading);
  const isOverridden = override !== undefined && Object.keys(override).length > 0;
  const granted: Granted = isOverridden
    ? { ...base, source: 'controls', granted: { ...base.granted, ...override } }
    : base;
  const warnings = [granted.warning, headroomWarning(granted.granted, pool.headroom)].filter(
    (warning) => warning !== undefined,
  );
  return {
    ...granted,
    limits: withHeadroom(granted.granted, pool.headroom),
    warning: warnings.length === 0 ? undefined : warnings.join(' '),
  };
};

/** The same pool with the quota that is in force in place of where it comes from. */
export const poolInForce = (pool: Pool, { granted }: QuotaInForce): Pool => ({
  ...pool,
  quota: granted,
  fallback_quota: undefined,
});

export const governedPool = ({ burndown }: Pool, { limits }: QuotaInForce): GovernedPool => ({
  quota: limits,
  burndown,
});
