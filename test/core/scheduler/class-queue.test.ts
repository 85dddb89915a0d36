import { createClassQueue } from '../../../shared/core/scheduler/class-queue.ts';
import type { RequestShape, WaitingEntry } from '../../../shared/core/scheduler/waiting-entry.ts';

const NOW_MS = 1_000_000;

const entry = (order: number, shape: Partial<RequestShape> = {}): WaitingEntry<string> => ({
  request: `r${order}`,
  priority: 'normal',
  shape: { tenant: 'a', costTokens: 1000, maxTokens: 1000, expiresAtMs: NOW_MS + 1_000_000, ...shape },
  order,
  isGone: false,
});

const queueOf = () => createClassQueue<string>({ weightOf: () => 1, sizeLanes: undefined, saved: undefined });

describe('what a class keeps in memory', () => {
  it.each([
    ['is early', { expiresAtMs: NOW_MS + 1000 }],
    ['is late', { expiresAtMs: NOW_MS + 9_000_000 }],
    ['is small', { costTokens: 1 }],
    ['is large', { costTokens: 100_000 }],
    ["is another tenant's", { tenant: 'b' }],
    ['is early and small', { expiresAtMs: NOW_MS + 1000, costTokens: 1 }],
  ])('is not what has gone, while one that %s waits', (_, shape) => {
    const queue = queueOf();
    const stays = entry(0, shape);
    queue.add(stays);
    let most = 0;
    for (let order = 1; order <= 10_000; order++) {
      const passes = entry(order);
      if (order % 2 === 0) queue.add(passes);
      else queue.addFront(passes);
      queue.gone(passes, NOW_MS);
      most = Math.max(most, queue.kept());
    }

    expect(most).toBeLessThanOrEqual(66);
    expect(queue.size()).toBe(1);
    expect(queue.head(NOW_MS)).toBe(stays);
    expect(queue.drain()).toEqual([stays]);
  });

  it('shrinks as what was staged at once goes or expires', () => {
    const queue = queueOf();
    const first = entry(0, { expiresAtMs: NOW_MS + 1000, costTokens: 1 });
    queue.add(first);
    const staged = Array.from({ length: 10_000 }, (_, index) => entry(index + 1));
    for (const each of staged) queue.add(each);
    expect(queue.kept()).toBe(10_001);

    for (const each of staged.slice(0, 9000)) queue.gone(each, NOW_MS);
    expect(queue.kept()).toBeLessThanOrEqual(2066);
    expect(queue.takeExpired(NOW_MS + 1000)).toEqual([first]);
    expect(queue.takeExpired(NOW_MS + 1_000_000)).toHaveLength(1000);
    expect(queue.kept()).toBeLessThanOrEqual(64);
    expect(queue.size()).toBe(0);
  });
});
