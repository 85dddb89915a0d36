import { mostSpendOf, spendLimitsOf, spendOf } from '../../../shared/core/limits/spend-limits.ts';

const NOON = Date.UTC(2026, 0, 31, 12);
const PRICES = { input: 1.1, output: 5.5 };
const usage = (input: number, output: number, cached = 0) => ({
  input_tokens: input,
  output_tokens: output,
  cache_read_tokens: cached,
  cache_write_tokens: 0,
});

describe('what a tenant may use', () => {
  it('is anything where nothing is set', () => {
    expect(spendLimitsOf({}, NOON)).toEqual([]);
  });

  it('is counted by the day of UTC, dollars and tokens together', () => {
    expect(
      spendLimitsOf({ tokens_per_day: 500, budget: { usd: 2.5, per: 'day', when_spent: 'wait' } }, NOON),
    ).toEqual([
      {
        period: '2026-01-31',
        endsAtMs: Date.UTC(2026, 1, 1),
        most: { tokens: 500, microdollars: 2_500_000 },
      },
    ]);
  });

  it('is counted by the month for a budget of a month, beside tokens of a day', () => {
    expect(
      spendLimitsOf({ tokens_per_day: 500, budget: { usd: 90, per: 'month', when_spent: 'fail' } }, NOON),
    ).toEqual([
      { period: '2026-01-31', endsAtMs: Date.UTC(2026, 1, 1), most: { tokens: 500 } },
      { period: '2026-01', endsAtMs: Date.UTC(2026, 1, 1), most: { microdollars: 90_000_000 } },
    ]);
  });

  it('ends with the year in December', () => {
    expect(
      spendLimitsOf({ budget: { usd: 1, per: 'month', when_spent: 'wait' } }, Date.UTC(2026, 11, 31, 23))[0],
    ).toMatchObject({ period: '2026-12', endsAtMs: Date.UTC(2027, 0, 1) });
  });
});

describe('what a call comes to', () => {
  it('is its usage at the prices of whoever answered, up to the next microdollar', () => {
    expect(spendOf(usage(1000, 100), { prices: PRICES })).toEqual({ microdollars: 1650, tokens: 1100 });
    expect(spendOf(usage(1, 0), { prices: PRICES })).toEqual({ microdollars: 2, tokens: 1 });
    expect(spendOf(usage(1, 2, 3), { prices: { ...PRICES, cache_read: 0.1 } }).tokens).toBe(6);
  });

  it('is at most its input and all that it may answer', () => {
    expect(mostSpendOf({ input_tokens_estimate: 1000, max_tokens: 100 }, { prices: PRICES })).toEqual({
      microdollars: 1650,
      tokens: 1100,
    });
  });

  it('is tokens alone where nothing has a price', () => {
    expect(spendOf(usage(5, 5), { prices: undefined })).toEqual({ microdollars: 0, tokens: 10 });
  });
});
