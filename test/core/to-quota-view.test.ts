import type { PoolReport } from '../../shared/contract/pool-report.ts';
import { poolSchema } from '../../shared/contract/pools.ts';
import { quotaInForce } from '../../shared/core/quota/quota-in-force.ts';
import { rateLimitHeaders } from '../../shared/core/rate-limit-headers.ts';
import { toQuotaView } from '../../shared/core/to-quota-view.ts';
import { poolReportOf } from '../fakes/pool-report.ts';

const POOL = poolSchema.parse({ model_id: 'model-a', quota: { tokens_per_minute: 600_000 } });
const AT_MS = 1_000_000;

const busy = poolReportOf({
  epoch: 7,
  staged: { high: 1, normal: 2, low: 3 },
  lanes: { high: 0, normal: 10, low: 20 },
  parked: 4,
  dimensions: [
    {
      name: 'tokens_per_minute',
      limit: 600_000,
      per_second: 8_000,
      multiplier: 0.8,
      level: 10_000,
      held: 25_000,
      settled_last_minute: 300_000,
      full_at_ms: AT_MS + 5_000,
      mean_charge: 1_000,
    },
  ],
  concurrency: { limit: 30, most: 30, in_flight: 30, others: 0, binds_while_quota_is_free: true },
});

const viewAt = (nowMs: number, report: PoolReport | undefined) =>
  toQuotaView('haiku', POOL, {
    report,
    nowMs,
    maxConcurrent: 30,
    region: 'us-east-1',
    inForce: quotaInForce(POOL),
    isPaused: false,
  });

describe('to-quota-view', () => {
  it('shows each dimension, and whether the cap on calls binds while there is quota', () => {
    expect(viewAt(AT_MS + 1_000, busy)).toEqual({
      pool: 'haiku',
      model: 'model-a',
      state: 'open',
      paused_by_operator: false,
      paused_until: null,
      limits: {
        source: 'configured',
        granted: { tokens_per_minute: 600_000 },
        read_at: null,
        changed_at: null,
        others_tokens_per_minute: null,
        warning: null,
      },
      dimensions: [
        {
          name: 'tokens_per_minute',
          limit: 600_000,
          window_seconds: 60,
          held: 25_000,
          settled_last_minute: 300_000,
          remaining: 18_000,
          multiplier: 0.8,
          resets_at: '1970-01-01T00:16:45.000Z',
        },
      ],
      concurrency: { limit: 30, most: 30, in_flight: 30, binds_while_quota_is_free: true },
      waiting: { high: 1, normal: 12, low: 23 },
      parked: 4,
      owner_epoch: 7,
      as_of: '1970-01-01T00:16:40.000Z',
      age_seconds: 1,
    });
  });

  it('counts on nothing that an owner told which has been silent for half a minute', () => {
    expect(viewAt(AT_MS + 30_001, busy)).toMatchObject({
      state: 'idle',
      dimensions: [{ held: 0, settled_last_minute: 300_000, remaining: 50_000 }],
      concurrency: { in_flight: 0, binds_while_quota_is_free: false },
      waiting: { high: 0, normal: 0, low: 0 },
      age_seconds: 30,
    });
    expect(viewAt(AT_MS + 3_600_000, busy)).toMatchObject({
      dimensions: [{ settled_last_minute: 0, remaining: 50_000 }],
    });
  });

  it('shows a pool that nobody ever drained as configured', () => {
    expect(viewAt(AT_MS, undefined)).toMatchObject({ state: 'idle', owner_epoch: null, as_of: null });
  });
});

describe('rate-limit-headers', () => {
  it('are those of draft 10: the policy, and what is left of it', () => {
    expect(rateLimitHeaders(busy, AT_MS + 1_000)).toEqual({
      'ratelimit-policy': '"tokens_per_minute";q=600000;w=60;qu="tokens"',
      ratelimit: '"tokens_per_minute";r=18000;t=4',
    });
  });

  it('name no unit for requests, and a day for what counts by the day', () => {
    const [dimension] = busy.dimensions;
    if (dimension === undefined) throw new Error('no dimension');
    const report = poolReportOf({
      dimensions: [
        { ...dimension, name: 'requests_per_minute', limit: 60 },
        { ...dimension, name: 'tokens_per_day', limit: 1_000_000, level: -5, per_second: 0 },
      ],
    });
    expect(rateLimitHeaders(report, AT_MS)).toEqual({
      'ratelimit-policy': '"requests_per_minute";q=60;w=60, "tokens_per_day";q=1000000;w=86400;qu="tokens"',
      ratelimit: '"requests_per_minute";r=60;t=5, "tokens_per_day";r=0;t=5',
    });
  });

  it('are not there while nothing is known', () => {
    expect(rateLimitHeaders(undefined, AT_MS)).toEqual({});
  });

  it('shows the limits of the next owner once the last has been silent for long', () => {
    const lower = { ...quotaInForce(POOL), limits: { tokens_per_minute: 90_000 } };
    const limitAt = (nowMs: number) =>
      toQuotaView('haiku', POOL, {
        report: busy,
        nowMs,
        region: 'us-east-1',
        maxConcurrent: 30,
        inForce: lower,
        isPaused: true,
      }).dimensions[0]?.limit;

    expect(limitAt(AT_MS + 1_000)).toBe(600_000);
    expect(limitAt(AT_MS + 31_000)).toBe(90_000);
  });
});

describe('to-quota-view of several targets', () => {
  const quota = { tokens_per_minute: 60_000 };
  const pool = poolSchema.parse({
    model_id: 'model-a',
    quota: { tokens_per_minute: 600_000 },
    targets: [{ model_id: 'model-b', region: 'eu-west-1', quota }],
  });
  const targetsAt = (nowMs: number, report: PoolReport | undefined) =>
    toQuotaView('haiku', pool, {
      report,
      nowMs,
      maxConcurrent: 30,
      region: 'us-east-1',
      isPaused: false,
      inForce: quotaInForce(pool),
    }).targets;
  const [dimension] = busy.dimensions;
  const told = poolReportOf({
    targets: [
      {
        name: 'model-a',
        state: 'open',
        paused_until_ms: 0,
        breaker: 'open',
        open_until_ms: AT_MS + 5_000,
        in_flight: 2,
        latency_ms: 900,
        dimensions: dimension === undefined ? [] : [dimension],
      },
    ],
  });

  it('shows each as configured before anybody has drained it', () => {
    expect(targetsAt(AT_MS, undefined)).toMatchObject([
      { target: 'model-a', region: 'us-east-1', state: 'idle', dimensions: [{ limit: 600_000 }] },
      {
        target: 'model-b@eu-west-1',
        model: 'model-b',
        region: 'eu-west-1',
        state: 'idle',
        breaker: 'closed',
        dimensions: [{ limit: 60_000 }],
      },
    ]);
  });

  it('shows what its owner told of each, and that an open breaker’s time is over', () => {
    expect(targetsAt(AT_MS + 1_000, told)).toMatchObject([
      {
        target: 'model-a',
        state: 'open',
        breaker: 'open',
        open_until: '1970-01-01T00:16:45.000Z',
        in_flight: 2,
        dimensions: [{ held: 25_000, remaining: 18_000 }],
      },
      { target: 'model-b@eu-west-1', state: 'idle' },
    ]);
    expect(targetsAt(AT_MS + 5_000, told)).toMatchObject([{ breaker: 'probing', open_until: null }, {}]);
    expect(viewAt(AT_MS, told)).not.toHaveProperty('targets');
  });
});
