import type { TenantSettings } from '../../contract/tenants.ts';
import { type Spend, type SpendLimit, spendLimitsOf } from './spend-limits.ts';

/** Parts of the fields `RateLimit-Policy` and `RateLimit`. */
export interface RateLimitParts {
  readonly policies: readonly string[];
  readonly limits: readonly string[];
}

const policy = (name: string, quota: number, parameters: string): string =>
  `"${name}";q=${Math.floor(quota)}${parameters}`;

const pacePolicies = ({
  requests_per_minute,
  tokens_per_minute,
  max_concurrent,
}: TenantSettings): readonly string[] => [
  ...(requests_per_minute === undefined
    ? []
    : [policy('tenant_requests_per_minute', requests_per_minute, ';w=60')]),
  ...(tokens_per_minute === undefined
    ? []
    : [policy('tenant_tokens_per_minute', tokens_per_minute, ';w=60;qu="tokens"')]),
  ...(max_concurrent === undefined
    ? []
    : [policy('tenant_concurrent', max_concurrent, ';qu="concurrent-requests"')]),
];

const NAMES = {
  tokens: { name: 'tenant_tokens', unit: 'tokens' },
  microdollars: { name: 'tenant_budget', unit: 'microdollars' },
} as const;

const DAY_SECONDS = 86_400;

const windowSecondsOf = ({ period, endsAtMs }: SpendLimit): number =>
  period.length > 'yyyy-mm'.length ? DAY_SECONDS : (endsAtMs - Date.parse(`${period}-01T00:00:00Z`)) / 1000;

const spendParts = (limit: SpendLimit, spent: Spend | undefined, nowMs: number): RateLimitParts => {
  const kinds = (['tokens', 'microdollars'] as const).flatMap((kind) => {
    const most = limit.most[kind];
    return most === undefined ? [] : [{ ...NAMES[kind], kind, most }];
  });
  const seconds = Math.max(0, Math.ceil((limit.endsAtMs - nowMs) / 1000));
  return {
    policies: kinds.map(({ name, unit, most }) =>
      policy(name, most, `;w=${windowSecondsOf(limit)};qu="${unit}"`),
    ),
    limits:
      spent === undefined
        ? []
        : kinds.map(
            ({ name, kind, most }) =>
              `"${name}";r=${Math.max(0, Math.floor(most - spent[kind]))};t=${seconds}`,
          ),
  };
};

/** What a tenant may use; of paces, which only its pool's drain counts, nothing is told of what is left. */
export const tenantRateLimits = (
  settings: TenantSettings,
  spentIn: (period: string) => Spend | undefined,
  nowMs: number,
): RateLimitParts => {
  const parts = spendLimitsOf(settings, nowMs).map((limit) =>
    spendParts(limit, spentIn(limit.period), nowMs),
  );
  return {
    policies: [...pacePolicies(settings), ...parts.flatMap(({ policies }) => policies)],
    limits: parts.flatMap(({ limits }) => limits),
  };
};
