import type { Pool } from '../../contract/pools.ts';
import type { QuotaReading, QuotaSource } from '../../contract/quota-reading.ts';
import {
  configuredQuotaOf,
  type Headroom,
  MEASURED,
  type Quota,
  SERVICE_QUOTAS,
} from '../../contract/quota-settings.ts';
import type { UseReading } from '../../contract/use-reading.ts';
import type { GovernedPool } from '../governor/dimensions.ts';
import { othersPerMinute } from './others-use.ts';
import { headroomNow, headroomWarning, withHeadroom } from './with-headroom.ts';

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
  /** What is left to others. */
  readonly headroom: Headroom;
  /** Quota tokens a minute that others were measured to use; nothing where that is not measured, or not yet. */
  readonly othersPerMinute: number | undefined;
  /** Why it is not as asked for. */
  readonly warning: string | undefined;
}

export interface QuotaKnowledge {
  readonly reading?: QuotaReading | undefined;
  readonly use?: UseReading | undefined;
  /** Limits that an operator has set meanwhile. */
  readonly override?: Quota | undefined;
}

type Granted = Omit<QuotaInForce, 'limits' | 'headroom' | 'othersPerMinute'>;

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

const measureWarning = (use: UseReading | undefined, others: number | undefined): string | undefined => {
  const left = others === undefined ? 'nothing is left to them yet' : 'what was known of it goes on';
  if (use?.fault !== undefined) return `What others use could not be read, ${left}: ${use.fault}`;
  return others === undefined ? `What others use has not been measured yet: ${left}.` : undefined;
};

/** An operator's limits go before all others, one by one; what is left to others is left in any case. */
export const quotaInForce = (pool: Pool, { reading, use, override }: QuotaKnowledge = {}): QuotaInForce => {
  const base = grantedTo(pool, reading);
  const isOverridden = override !== undefined && Object.keys(override).length > 0;
  const granted: Granted = isOverridden
    ? { ...base, source: 'controls', granted: { ...base.granted, ...override } }
    : base;
  const others = pool.headroom === MEASURED ? othersPerMinute(use, pool.model_id) : undefined;
  const headroom = headroomNow(pool.headroom, granted.granted, others);
  const warnings = [
    granted.warning,
    headroomWarning(granted.granted, headroom),
    pool.headroom === MEASURED ? measureWarning(use, others) : undefined,
  ].filter((warning) => warning !== undefined);
  return {
    ...granted,
    headroom,
    othersPerMinute: others,
    limits: withHeadroom(granted.granted, headroom),
    warning: warnings.length === 0 ? undefined : warnings.join(' '),
  };
};

/** The same pool with the quota that is in force in place of where it comes from. */
export const poolInForce = (pool: Pool, { granted, headroom }: QuotaInForce): Pool => ({
  ...pool,
  headroom,
  quota: granted,
  fallback_quota: undefined,
});

export const governedPool = ({ burndown }: Pool, { limits }: QuotaInForce): GovernedPool => ({
  quota: limits,
  burndown,
});
