import { randomFrom } from '../../local/bedrock/seeded-random.ts';
import { flatFault, growthOf, type Sample } from './flat.ts';

const MINUTE_MS = 60_000;

/** Twenty-five minutes of a heap in megabytes, looked at every ten seconds, off by up to 2 MB at each look. */
const heapOf = (growthMb: number, seed: number): readonly Sample[] => {
  const next = randomFrom('heap', String(seed));
  return Array.from({ length: 150 }, (_, index) => ({
    atMs: index * 10_000,
    value: 60 + (growthMb * index) / 149 + 4 * next() - 2,
  }));
};

const fault = (samples: readonly Sample[]): string | undefined =>
  flatFault({ what: 'heap of the drain in MB', samples, mostGrowth: 4, fewestSamples: 60 });

describe('whether something is flat', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('holds of a heap that only trembles (%d)', (seed) => {
    expect(fault(heapOf(0, seed))).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('does not hold of one that leaks 48 bytes a request (%d)', (seed) => {
    // 125,000 requests in 25 minutes.
    expect(fault(heapOf(6, seed))).toMatch(
      /^heap of the drain in MB grew by [56]\.\d, at most 4 are allowed\.$/,
    );
  });

  it('holds though every tenth look comes at a bad moment', () => {
    const samples = heapOf(0, 1).map(({ atMs, value }, index) => ({
      atMs,
      value: value + (index % 10 === 9 ? 40 : 0),
    }));
    expect(fault(samples)).toBeUndefined();
  });

  it('holds of what shrinks, and of one step down', () => {
    expect(fault(heapOf(-20, 1))).toBeUndefined();
  });

  it('cannot be told by a few samples', () => {
    expect(fault(heapOf(0, 1).slice(0, 20))).toBe(
      'heap of the drain in MB: 20 samples, of which at least 60 are needed to tell.',
    );
  });

  it('is growth along the whole span, whatever the distances', () => {
    const samples = [0, 1, 2, 7, 10].map((minute) => ({ atMs: minute * MINUTE_MS, value: 5 + minute * 3 }));
    expect(growthOf(samples)).toBeCloseTo(30, 6);
    expect(growthOf([])).toBe(0);
    expect(growthOf([{ atMs: 5, value: 7 }])).toBe(0);
  });
});
