import type { PoolReport } from '../../shared/contract/pool-report.ts';

/** What the owner of an idle pool with a quota of a million tokens a minute tells. */
export const poolReportOf = (fields: Partial<PoolReport> = {}): PoolReport => ({
  epoch: 1,
  at_ms: 1_000_000,
  staged: { high: 0, normal: 0, low: 0 },
  lanes: { high: 0, normal: 0, low: 0 },
  parked: 0,
  in_flight: 0,
  oldest_ms: {},
  ended: { high: 0, normal: 0, low: 0 },
  ended_over_ms: 0,
  state: 'open',
  paused_until_ms: 0,
  latency_ms: 0,
  output_tokens: 0,
  input_ratio: 1,
  dimensions: [
    {
      name: 'tokens_per_minute',
      limit: 600_000,
      per_second: 10_000,
      multiplier: 1,
      level: 50_000,
      held: 0,
      settled_last_minute: 0,
      full_at_ms: 1_000_000,
      mean_charge: 0,
    },
  ],
  concurrency: { limit: 30, most: 30, in_flight: 0, others: 0, binds_while_quota_is_free: false },
  targets: [],
  paused_classes: [],
  paused_tenants: [],
  spent_tenants: [],
  ...fields,
});
