import { createMultiplier } from '../../../../shared/core/governor/hybrid/multiplier.ts';

const NOW_MS = 1_000_000;

/** The value after each of so many seconds, at full sending speed. */
const grown = (most: number, servedShare: number, seconds: readonly number[]): readonly number[] => {
  const multiplier = createMultiplier(most);
  multiplier.cut(servedShare, NOW_MS);
  const values = new Map<number, number>();
  for (let second = 1; second <= Math.max(...seconds); second++) {
    multiplier.grow(1, 10, NOW_MS + second * 1000);
    values.set(second, Number(multiplier.value().toFixed(3)));
  }
  return seconds.map((second) => values.get(second) ?? 0);
};

describe('the multiplier of a quota', () => {
  it.each([
    ['what was served, less a little', 0.95, 0.931],
    ['at least 3 %', 2, 0.97],
    ['at most 10 % at first', 0.2, 0.9],
  ])('is cut to %s', (_, servedShare, value) => {
    const multiplier = createMultiplier(1);
    multiplier.cut(servedShare, NOW_MS);
    expect(multiplier.value()).toBeCloseTo(value, 9);
  });

  it('is cut deeper when refusals come in a row', () => {
    const multiplier = createMultiplier(1);
    multiplier.cut(0.1, NOW_MS);
    multiplier.cut(0.1, NOW_MS + 8000);
    // 0.9, and then 0.9 squared of it.
    expect(multiplier.value()).toBeCloseTo(0.729, 9);
    multiplier.cut(0.1, NOW_MS + 16_001);
    expect(multiplier.value()).toBeCloseTo(0.6561, 9);
  });

  it('never falls below a hundredth', () => {
    const multiplier = createMultiplier(1);
    for (let cut = 0; cut < 40; cut++) multiplier.cut(0, NOW_MS + cut * 1000);
    expect(multiplier.value()).toBe(0.01);
  });

  it('grows back slowly near the wall it met, and is whole after half a minute', () => {
    expect(grown(1, 0.2, [2, 3, 10, 20, 29, 33])).toEqual([0.9, 0.91, 0.962, 0.994, 1, 1]);
  });

  it('grows beyond what is configured only when it is to explore', () => {
    expect(grown(1, 0.2, [120])).toEqual([1]);
    expect(grown(2, 0.2, [60, 120])).toEqual([1.095, 2]);
  });

  it('grows with what is sent, not with time alone', () => {
    const multiplier = createMultiplier(1);
    multiplier.cut(0.2, NOW_MS);
    multiplier.grow(1000, 0, NOW_MS + 1_000_000);
    expect(multiplier.value()).toBe(0.9);
  });

  it('grows by a tenth in a second at most', () => {
    const saved = { value: 0.1, wall: 1, afterCut: 0.1, sinceCut: 55, cutAtMs: 0, cuts: 1 };
    const multiplier = createMultiplier(1, saved);
    multiplier.grow(1, 10, NOW_MS);
    expect(multiplier.value()).toBeCloseTo(0.11, 9);
  });
});
