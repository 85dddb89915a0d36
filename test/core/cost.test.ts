import fc from 'fast-check';
import { costOf } from '../../shared/core/cost.ts';

const usage = (input: number, output: number, cacheRead = 0, cacheWrite = 0) => ({
  input_tokens: input,
  output_tokens: output,
  cache_read_tokens: cacheRead,
  cache_write_tokens: cacheWrite,
});

const ALL = { input: 1.1, output: 5.5, cache_read: 0.11, cache_write: 1.375 };
const BASIC = { input: 1.1, output: 5.5 };

describe('the cost of a call', () => {
  it.each([
    ['every kind of token', usage(1000, 200, 5000, 400), ALL, 0.0033],
    ['a million of each', usage(1_000_000, 1_000_000), BASIC, 6.6],
    ['a single token', usage(1, 0), BASIC, 0.0000011],
    ['nothing', usage(0, 0), BASIC, 0],
    ['nothing of a kind without a price', usage(10, 0, 0, 0), BASIC, 0.000011],
    ['what is free', usage(10, 10), { input: 0, output: 0 }, 0],
    ['less than a nano-dollar', usage(1, 0), { input: 0.0001, output: 0 }, 0],
  ])('of %s', (_, used, prices, usd) => {
    expect(costOf(used, prices)).toBe(usd);
  });

  it.each([
    ['there are no prices', usage(10, 10), undefined],
    ['tokens read from the cache have none', usage(10, 10, 1, 0), BASIC],
    ['tokens written to the cache have none', usage(10, 10, 0, 1), { ...BASIC, cache_read: 0.1 }],
  ])('is unknown when %s, never a part of it', (_, used, prices) => {
    expect(costOf(used, prices)).toBeNull();
  });

  it('never falls when more is used', () => {
    const tokens = fc.nat({ max: 10_000_000 });

    fc.assert(
      fc.property(tokens, tokens, tokens, (input, output, more) => {
        expect(costOf(usage(input + more, output), ALL)).toBeGreaterThanOrEqual(
          costOf(usage(input, output), ALL) ?? Number.NaN,
        );
      }),
    );
  });
});
