import type { Pool } from '../../contract/pools.ts';
import type { QuotaReading } from '../../contract/quota-reading.ts';
import { SERVICE_QUOTAS } from '../../contract/quota-settings.ts';
import {
  type ListedQuota,
  matchServiceQuota,
  type QuotaMatch,
} from '../../core/quota/match-service-quota.ts';
import { isReadingDue, type Look, nextReading } from '../../core/quota/next-reading.ts';
import type { Clock } from '../../ports/clock.ts';
import type { QuotaReadings } from '../../ports/quota-readings.ts';
import type { ServiceQuotas } from '../../ports/service-quotas.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

export interface QuotaDeps {
  readonly serviceQuotas: ServiceQuotas;
  readonly quotaReadings: QuotaReadings;
  readonly telemetry: Telemetry;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Shorter than a lease: whoever looks holds one. */
const PATIENCE_MS = 4_000;

/** The account's own value of a quota goes before the default one. */
const merged = (
  applied: readonly ListedQuota[],
  defaults: readonly ListedQuota[],
): readonly ListedQuota[] => [
  ...new Map([...defaults, ...applied].map((quota) => [quota.code, quota])).values(),
];

/** What Service Quotas grants a model now. */
export const lookUpQuota = async (modelId: string, serviceQuotas: ServiceQuotas): Promise<QuotaMatch> => {
  const applied = await serviceQuotas.list('applied', PATIENCE_MS);
  const match = matchServiceQuota(modelId, applied);
  if (match.outcome !== 'missing') return match;
  return matchServiceQuota(modelId, merged(applied, await serviceQuotas.list('default', PATIENCE_MS)));
};

const look = async (modelId: string, { serviceQuotas }: QuotaDeps): Promise<Look['seen']> => {
  try {
    return await lookUpQuota(modelId, serviceQuotas);
  } catch (error) {
    return { outcome: 'failed', detail: `Service Quotas could not be read: ${String(error)}` };
  }
};

const shown = (quota: QuotaReading['quota']): string => JSON.stringify(quota ?? null);

/** Looks at Service Quotas when it is time to; answers with the last reading, whoever made it. */
export const readServiceQuota = async (
  name: string,
  pool: Pool,
  deps: QuotaDeps,
): Promise<QuotaReading | undefined> => {
  if (pool.quota !== SERVICE_QUOTAS) return undefined;
  const { quotaReadings, telemetry, clock } = deps;
  const before = await quotaReadings.read(name);
  if (!isReadingDue(before, pool.model_id, clock.nowMs())) return before;
  const seen = await look(pool.model_id, deps);
  const { reading, changed } = nextReading(before, { modelId: pool.model_id, nowMs: clock.nowMs(), seen });
  const { outcome, detail } = reading;
  if (outcome !== 'found') telemetry.log('warn', 'quota_not_found', { pool: name, outcome, detail });
  if (changed) {
    telemetry.log('warn', 'quota_changed', {
      pool: name,
      before: shown(before?.quota),
      after: shown(reading.quota),
    });
    telemetry.measure('QuotaChanges', 1, { pool: name });
  }
  await quotaReadings.write(name, reading);
  return reading;
};
