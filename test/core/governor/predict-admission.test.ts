import type { DimensionView, GovernorView } from '../../../shared/core/governor/governor-view.ts';
import { predictAdmissionMs, type WorkAhead } from '../../../shared/core/governor/predict-admission.ts';

const NOW_MS = 1_000_000;

/** 1,000 tokens a second. */
const tokens = (fields: Partial<DimensionView> = {}): DimensionView => ({
  name: 'tokens_per_minute',
  limit: 60_000,
  perSecond: 1000,
  multiplier: 1,
  size: 60_000,
  burstSeconds: 60,
  level: 0,
  held: 0,
  settledLastMinute: 0,
  fullAtMs: NOW_MS,
  meanCharge: 0,
  ...fields,
});

const view = (dimensions: readonly DimensionView[], fields: Partial<GovernorView> = {}): GovernorView => ({
  algorithm: 'hybrid',
  atMs: NOW_MS,
  state: 'open',
  pausedUntilMs: 0,
  dimensions,
  concurrency: { limit: 1000, most: 1000, inFlight: 0, others: 0, bindsWhileQuotaIsFree: false },
  learned: { inputRatio: 1, outputTokens: 0, latencyMs: 2000, buildSeconds: 0 },
  ...fields,
});

const ahead = (fields: Partial<WorkAhead> = {}): WorkAhead => ({
  high: { requests: 0 },
  normal: { requests: 0 },
  low: { requests: 0 },
  ...fields,
});

describe('when waiting work will have been admitted', () => {
  it.each([
    ['at once, when nothing waits', {}, 0],
    ['what refills, when nothing is stored', {}, 30_000],
    ['at twice the rate, while that much is stored', { level: 60_000 }, 15_000],
    ['at twice the rate until what is stored is gone', { level: 10_000 }, 20_000],
    ['after a debt is paid', { level: -5000 }, 35_000],
  ])('is %s', (name, fields, expected) => {
    const waiting = name.includes('nothing waits') ? {} : { normal: { requests: 10, tokens: 30_000 } };
    expect(predictAdmissionMs(view([tokens(fields)]), ahead(waiting), 'normal')).toBe(expected);
  });

  it('takes requests of unknown size for mean ones', () => {
    const waiting = ahead({ low: { requests: 10 } });
    expect(predictAdmissionMs(view([tokens({ meanCharge: 500 })]), waiting, 'low')).toBe(5000);
    expect(predictAdmissionMs(view([tokens()]), waiting, 'low')).toBeUndefined();
  });

  it.each([
    // 75 % of the tokens until it is done.
    ['high', 40_000],
    // All its 30,000 with a share of 20 % while high waits, and 95 % after that.
    ['normal', 63_158],
    ['low', 90_000],
  ] as const)('knows classes and their shares: %s', (priority, expected) => {
    const work = { requests: 10, tokens: 30_000 };
    expect(predictAdmissionMs(view([tokens()]), { high: work, normal: work, low: work }, priority)).toBe(
      expected,
    );
  });

  it('is decided by the quota that takes longest', () => {
    const requests = tokens({ name: 'requests_per_minute', limit: 60, perSecond: 1, meanCharge: 1 });
    const waiting = ahead({ normal: { requests: 100, tokens: 1000 } });
    expect(predictAdmissionMs(view([tokens(), requests]), waiting, 'normal')).toBe(100_000);
  });

  it('is decided by calls at once, where those are few', () => {
    const concurrency = { limit: 10, most: 10, inFlight: 10, others: 0, bindsWhileQuotaIsFree: true };
    const waiting = ahead({ normal: { requests: 100, tokens: 1000 } });
    expect(predictAdmissionMs(view([tokens()], { concurrency }), waiting, 'normal')).toBe(20_000);
  });

  it('counts a pause', () => {
    const paused = view([tokens()], { pausedUntilMs: NOW_MS + 7000 });
    expect(predictAdmissionMs(paused, ahead({ high: { requests: 1, tokens: 1000 } }), 'high')).toBe(8000);
  });
});
