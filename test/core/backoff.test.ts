import fc from 'fast-check';
import { backoffMs, SERVICE_FAULT_BACKOFF } from '../../shared/core/backoff.ts';

const almostOne = (): number => 1 - Number.EPSILON;

describe('the wait after a fault of the model service', () => {
  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [6, 16_000],
    [7, 20_000],
    [1000, 20_000],
    [0, 500],
  ])('after attempt %i is at most %i ms', (attempt, mostMs) => {
    expect(backoffMs(attempt, SERVICE_FAULT_BACKOFF, almostOne)).toBe(mostMs);
  });

  it('may be anything from nothing on: full jitter', () => {
    expect(backoffMs(5, SERVICE_FAULT_BACKOFF, () => 0)).toBe(0);
    expect(backoffMs(5, SERVICE_FAULT_BACKOFF, () => 0.5)).toBe(4000);
  });

  it('is a whole number within the bounds, whatever chance says', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), chance, (attempt, random) => {
        const waitMs = backoffMs(attempt, SERVICE_FAULT_BACKOFF, () => random);

        expect(Number.isInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(20_000);
      }),
    );
  });
});
