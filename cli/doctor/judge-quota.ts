import type { Pool } from '../../shared/contract/pools.ts';
import {
  configuredQuotaOf,
  QUOTA_LIMIT_NAMES,
  type Quota,
  SERVICE_QUOTAS,
} from '../../shared/contract/quota-settings.ts';
import type { QuotaMatch } from '../../shared/core/quota/match-service-quota.ts';
import { renderCount } from '../run/render-progress.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

const checkOf = (pool: string): string => `quota of ${pool}`;

const render = (quota: Quota): string =>
  QUOTA_LIMIT_NAMES.flatMap((name) => {
    const limit = quota[name];
    return limit === undefined ? [] : [`${renderCount(limit)} ${name.replaceAll('_', ' ')}`];
  }).join(', ');

/** Limits that the settings believe to be larger than they are. */
const tooLarge = (believed: Quota, granted: Quota): readonly string[] =>
  QUOTA_LIMIT_NAMES.filter((name) => (believed[name] ?? 0) > (granted[name] ?? Number.POSITIVE_INFINITY));

const MISSING: Readonly<Record<'missing' | 'ambiguous', string>> = {
  missing:
    'The settings are gone by; see that they are what the console of Service Quotas shows for this model.',
  ambiguous: 'The settings are gone by; name the limits in `quota` yourself.',
};

/** What Service Quotas grants beside what the settings believe. */
export const judgeQuota = (name: string, pool: Pool, match: QuotaMatch): Finding => {
  const check = checkOf(name);
  if (match.outcome === 'zero')
    return failed(
      check,
      match.detail,
      'Ask for more in the console of Service Quotas, or use another model or region.',
    );
  if (match.outcome !== 'found' || match.quota === undefined)
    return warning(check, match.detail, MISSING[match.outcome === 'ambiguous' ? 'ambiguous' : 'missing']);
  const granted = render(match.quota);
  if (pool.quota === SERVICE_QUOTAS) return ok(check, granted);
  const believed = configuredQuotaOf(pool);
  const wrong = tooLarge(believed, match.quota);
  if (wrong.length === 0) return ok(check, `${granted}; the settings say ${render(believed)}`);
  return warning(
    check,
    `AWS grants ${granted}; the settings say ${render(believed)}, so that Bedrock will refuse calls until that is learned.`,
    `Write what is granted into \`models.${name}.quota\`, or "service-quotas" to have it read every hour.`,
  );
};

export const quotaNotRead = (name: string, pool: Pool, error: unknown): Finding => {
  const needed = pool.quota === SERVICE_QUOTAS;
  return (needed ? failed : warning)(
    checkOf(name),
    `Service Quotas could not be read: ${(error as Error).message}`,
    `Allow servicequotas:ListServiceQuotas and servicequotas:ListAWSDefaultServiceQuotas${needed ? '; until then `fallback_quota` is gone by' : ''}.`,
  );
};
