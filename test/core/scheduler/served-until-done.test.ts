import { servedUntilDone } from '../../../shared/core/scheduler/served-until-done.ts';

describe('what is served until a class is done', () => {
  it.each([
    // 75 % of the tokens until it is done.
    ['high', 40_000],
    // All its 30,000 with a share of 20 % while high waits, and 95 % after that.
    ['normal', 63_158],
    ['low', 90_000],
  ] as const)('keeps to classes and their shares: %s', (priority, expected) => {
    const amounts = { high: 30_000, normal: 30_000, low: 30_000 };
    expect(Math.round(servedUntilDone(amounts, priority))).toBe(expected);
  });

  it('is nothing for a class in which nothing waits', () => {
    expect(servedUntilDone({ high: 5, normal: 0, low: 5 }, 'normal')).toBe(0);
  });
});
