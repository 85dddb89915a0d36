import { ABORT_MARGIN_MS, attemptUntilMs, fitsBeforeEnd } from '../../shared/core/attempt-window.ts';
import { NOON_MS } from './samples.ts';

describe('an attempt', () => {
  it.each([
    ['the start and the slowest answer', 100, 1_000_000, 40_000],
    ['the start at least', 1, 1_000_000, 30_100],
    ['no longer than the function lives', 32_000, 800_000, 800_000],
    ['not at all in a function that has ended', 100, 0, 0],
  ])('may take %s', (_, maxTokens, functionLeftMs, leftMs) => {
    expect(attemptUntilMs(maxTokens, NOON_MS, NOON_MS + functionLeftMs) - NOON_MS).toBe(leftMs);
  });

  it('ends at a whole millisecond, as the store wants it', () => {
    expect(attemptUntilMs(1, 0.4, 1e12)).toBe(30_100);
  });

  it('is given up two seconds before its claim ends', () => {
    expect(ABORT_MARGIN_MS).toBe(2000);
  });

  it.each([
    [6000, 60, 130_000, true],
    [6000, 60, 129_999, false],
    [6000, 120, 80_000, true],
    [1, 10_000, 30_000, false],
    [46_800, 60, 810_000, true],
  ])(
    'of %i tokens at %i a second, with %i ms left, fits: %s',
    (maxTokens, tokensPerSecond, remainingMs, fits) => {
      expect(fitsBeforeEnd({ maxTokens, tokensPerSecond }, remainingMs)).toBe(fits);
    },
  );
});
