import fc from 'fast-check';
import type { PoolReport } from '../../shared/contract/pool-report.ts';
import { PRIORITIES } from '../../shared/contract/priorities.ts';
import { predictWait, type WaitQuestion } from '../../shared/core/predict-wait.ts';
import { poolReportOf } from '../fakes/pool-report.ts';

const NOW_MS = 1_000_000;

const ask = (question: Partial<WaitQuestion>, report: PoolReport | undefined, nowMs = NOW_MS) =>
  predictWait(
    { priority: 'normal', acceptedAtMs: NOW_MS, ...question },
    { report, nowMs, firstGuessMs: 5_000 },
  );

const tokens = (fields: Partial<PoolReport['dimensions'][number]>): PoolReport['dimensions'] => [
  {
    name: 'tokens_per_minute',
    limit: 600_000,
    per_second: 10_000,
    multiplier: 1,
    level: 0,
    held: 0,
    settled_last_minute: 0,
    full_at_ms: NOW_MS + 60_000,
    mean_charge: 1_000,
    ...fields,
  },
];

describe('predict-wait', () => {
  it('knows of a pool that nobody drains only that it will be woken', () => {
    expect(ask({}, undefined)).toEqual({ ahead: null, waitMs: 1_000, etaMs: 6_000, limit: null });
  });

  it('does not believe the counts of an owner that has been silent for more than half a minute', () => {
    const report = poolReportOf({ staged: { high: 9, normal: 9, low: 9 } });
    expect(ask({}, report, NOW_MS + 30_000).ahead).toBe(18);
    expect(ask({}, report, NOW_MS + 30_001).ahead).toBeNull();
  });

  it('answers at once what finds room, as fast as the model has been', () => {
    expect(ask({}, poolReportOf({ latency_ms: 1_200 }))).toEqual({
      ahead: 0,
      waitMs: 0,
      etaMs: 1_200,
      limit: null,
    });
  });

  it('counts ahead what is of higher classes, and of its own what was accepted earlier', () => {
    const report = poolReportOf({
      staged: { high: 5, normal: 10, low: 1_000 },
      lanes: { high: 0, normal: 90, low: 1_000 },
      oldest_ms: { normal: NOW_MS - 100_000 },
    });
    expect(ask({ acceptedAtMs: NOW_MS }, report).ahead).toBe(105);
    expect(ask({ acceptedAtMs: NOW_MS - 75_000 }, report).ahead).toBe(30);
    expect(ask({ acceptedAtMs: NOW_MS - 200_000 }, report).ahead).toBe(5);
    expect(ask({ priority: 'high' }, report).ahead).toBe(5);
    expect(ask({ priority: 'low' }, report).ahead).toBe(2_105);
  });

  it('waits for the quota that has to refill for all that are ahead', () => {
    const report = poolReportOf({
      staged: { high: 0, normal: 99, low: 0 },
      dimensions: tokens({ level: 20_000 }),
      concurrency: { limit: 700, most: 700, in_flight: 0, others: 0, binds_while_quota_is_free: false },
      latency_ms: 2_000,
    });
    // 100 calls of 1,000 tokens less the 20,000 that are there, at 10,000 a second.
    expect(ask({}, report)).toEqual({ ahead: 99, waitMs: 8_000, etaMs: 10_000, limit: 'tokens_per_minute' });
    // Two seconds later 20,000 more have refilled.
    expect(ask({}, report, NOW_MS + 2_000).waitMs).toBe(6_000);
  });

  it('counts on what the bucket is believed to store, not on the limit', () => {
    // It is full with 15,000 and stays so, however long it is left alone.
    const report = poolReportOf({
      staged: { high: 0, normal: 19, low: 0 },
      dimensions: tokens({ level: 15_000, full_at_ms: NOW_MS }),
    });
    expect(ask({}, report, NOW_MS + 20_000).waitMs).toBe(950);
    const empty = poolReportOf({
      staged: { high: 0, normal: 39, low: 0 },
      dimensions: tokens({ level: 0, full_at_ms: NOW_MS + 1_500 }),
      concurrency: { limit: 700, most: 700, in_flight: 0, others: 0, binds_while_quota_is_free: false },
    });
    // Of 40,000 tokens 15,000 are there, after ten seconds as after two.
    expect(ask({}, empty, NOW_MS + 10_000).waitMs).toBe(2_500);
  });

  it('spends what is stored at twice the rate, that of a day at once', () => {
    const report = (name: string) =>
      poolReportOf({
        staged: { high: 0, normal: 20, low: 0 },
        dimensions: tokens({ name, level: 600_000 }),
        concurrency: { limit: 700, most: 700, in_flight: 0, others: 0, binds_while_quota_is_free: false },
      });
    expect(ask({}, report('tokens_per_minute')).waitMs).toBe(1_000);
    expect(ask({}, report('tokens_per_day')).waitMs).toBe(0);
  });

  it('goes on after a pause with what has refilled until then', () => {
    const paused = (fullAtMs: number) =>
      poolReportOf({
        staged: { high: 0, normal: 99, low: 0 },
        dimensions: tokens({ level: 0, full_at_ms: fullAtMs }),
        concurrency: { limit: 700, most: 700, in_flight: 0, others: 0, binds_while_quota_is_free: false },
        state: 'paused',
        paused_until_ms: NOW_MS + 4_000,
      });
    // 100,000 tokens at 10,000 a second, of which four or only one second refill during the pause.
    expect(ask({}, paused(NOW_MS + 60_000)).waitMs).toBe(10_000);
    expect(ask({}, paused(NOW_MS + 1_000)).waitMs).toBe(13_000);
  });

  it('pays a debt first', () => {
    const report = poolReportOf({ dimensions: tokens({ level: -9_000 }) });
    expect(ask({}, report)).toMatchObject({ waitMs: 1_000, limit: 'tokens_per_minute' });
  });

  it('waits for a free place where calls at once are what binds', () => {
    const report = poolReportOf({
      staged: { high: 0, normal: 39, low: 0 },
      concurrency: { limit: 20, most: 20, in_flight: 20, others: 0, binds_while_quota_is_free: true },
      latency_ms: 10_000,
    });
    // 40 calls, 20 at once, 10 seconds each.
    expect(ask({}, report)).toMatchObject({ waitMs: 20_000, etaMs: 30_000, limit: 'concurrency' });
  });

  it('counts on the share that its class is guaranteed, when more urgent work would keep it back longer', () => {
    const report = poolReportOf({
      staged: { high: 100_000, normal: 9, low: 0 },
      dimensions: tokens({}),
      concurrency: { limit: 700, most: 700, in_flight: 0, others: 0, binds_while_quota_is_free: false },
    });
    // Ten of its own at a fifth of ten a second; behind all it would be hours.
    expect(ask({}, report).waitMs).toBe(5_000);
  });

  it('waits at least until a pause ends, and until it may run', () => {
    const paused = poolReportOf({ state: 'paused', paused_until_ms: NOW_MS + 7_000 });
    expect(ask({}, paused)).toMatchObject({ waitMs: 7_000, limit: 'pause' });
    expect(ask({ notBeforeMs: NOW_MS + 60_000 }, paused)).toMatchObject({
      waitMs: 60_000,
      limit: 'not_before',
    });
    expect(ask({ notBeforeMs: NOW_MS + 60_000 }, undefined)).toMatchObject({ waitMs: 60_000, etaMs: 65_000 });
  });

  it('goes by what the request itself will cost until the pool has learned what requests cost', () => {
    const report = poolReportOf({
      staged: { high: 0, normal: 9, low: 0 },
      dimensions: tokens({ mean_charge: 0 }),
    });
    expect(ask({ charge: 2_000 }, report).waitMs).toBe(2_000);
  });

  it('is never negative nor endless, and never shorter for those who came later', () => {
    const count = fc.nat(100_000);
    const classes = fc.record({ high: count, normal: count, low: count });
    fc.assert(
      fc.property(
        classes,
        classes,
        fc.constantFrom(...PRIORITIES),
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.nat(600_000),
        (staged, lanes, priority, level, age) => {
          const report = poolReportOf({
            staged,
            lanes,
            oldest_ms: { high: 400_000, normal: 400_000, low: 400_000 },
            dimensions: tokens({ level }),
          });
          const early = ask({ priority, acceptedAtMs: NOW_MS - age - 1 }, report);
          const late = ask({ priority, acceptedAtMs: NOW_MS - age }, report);
          expect(early.waitMs).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(early.etaMs)).toBe(true);
          expect(late.waitMs).toBeGreaterThanOrEqual(early.waitMs);
          expect(late.ahead ?? 0).toBeGreaterThanOrEqual(early.ahead ?? 0);
        },
      ),
    );
  });
});
