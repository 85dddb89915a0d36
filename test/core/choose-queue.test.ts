import { chooseQueue } from '../../shared/core/choose-queue.ts';
import { heldWith, NOON_MS } from './samples.ts';

const queueAt = (place: number, changes = {}): string => chooseQueue(heldWith(changes), place, NOON_MS).queue;

describe('where a request waits', () => {
  it('is express for the first twenty of its tenant, and bulk for all others', () => {
    expect([1, 20, 21, 100_000].map((place) => queueAt(place))).toEqual([
      'hold-haiku-normal-express',
      'hold-haiku-normal-express',
      'hold-haiku-normal-bulk-1',
      'hold-haiku-normal-bulk-1',
    ]);
  });

  it('keeps to the pool and the priority', () => {
    expect(queueAt(1, { pool: 'opus', priority: 'high' })).toBe('hold-opus-high-express');
    expect(queueAt(21, { pool: 'opus', priority: 'low' })).toBe('hold-opus-low-bulk-1');
  });

  it('is one shard of bulk for one tenant, and both for many', () => {
    const shards = Array.from({ length: 100 }, (_, index) => queueAt(21, { tenant: `tenant-${index}` }));
    expect(shards).toEqual(
      Array.from({ length: 100 }, (_, index) => queueAt(99, { tenant: `tenant-${index}` })),
    );
    const first = shards.filter((queue) => queue.endsWith('bulk-0')).length;
    expect(first).toBeGreaterThan(35);
    expect(first).toBeLessThan(65);
  });

  it.each([
    [1, 1],
    [1000, 1],
    [1001, 2],
    [899_001, 900],
    [900_001, 900],
    [43_200_000, 900],
  ])('is with the parked while it may not run for %d ms, hidden for %d s', (aheadMs, delaySeconds) => {
    expect(chooseQueue(heldWith({ not_before_ms: NOON_MS + aheadMs }), 1, NOON_MS)).toEqual({
      queue: 'parked-haiku',
      delaySeconds,
    });
  });

  it('is a lane once its time has come', () => {
    expect(queueAt(1, { not_before_ms: NOON_MS })).toBe('hold-haiku-normal-express');
    expect(chooseQueue(heldWith({ not_before_ms: NOON_MS }), 1, NOON_MS)).not.toHaveProperty('delaySeconds');
  });
});
