import { nextWaitSeconds, retryWaitSeconds } from '../../shared/core/batch-wait.ts';

describe('batch-wait', () => {
  it.each([
    ['the first time', undefined, 'little_room', 60],
    ['after little room', 60, 'little_room', 120],
    ['after little room again', 480, 'little_room', 600],
    ['after little room for long', 600, 'little_room', 600],
    ['after much room', 480, 'much_room', 240],
    ['after much room again', 60, 'much_room', 60],
  ] as const)('waits %s', (_, last, found, seconds) => {
    expect(nextWaitSeconds(last, found)).toBe(seconds);
  });

  it.each([
    [0, 60],
    [1, 60],
    [2, 120],
    [4, 480],
    [5, 600],
    [1000, 600],
  ])('hides what failed after %d receives for %d seconds', (receives, seconds) => {
    expect(retryWaitSeconds(receives)).toBe(seconds);
  });

  it('lets a batch that fails come again for longer than any batch lives, before SQS gives it up', () => {
    const seconds = Array.from({ length: 1000 }, (_, index) => retryWaitSeconds(index + 1));
    expect(seconds.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(6 * 86_400);
  });
});
