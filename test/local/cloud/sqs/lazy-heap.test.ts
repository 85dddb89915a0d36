import fc from 'fast-check';
import { LazyHeap } from '../../../../local/cloud/sqs/lazy-heap.ts';

interface Entry {
  readonly rank: number;
  isLive: boolean;
}

function createHeap(): LazyHeap<Entry> {
  return new LazyHeap(
    (a, b) => a.rank < b.rank,
    (entry) => entry.isLive,
  );
}

function drain(heap: LazyHeap<Entry>): number[] {
  const ranks: number[] = [];
  for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) ranks.push(entry.rank);
  return ranks;
}

test('gives the live entries in order, whichever went stale inside', () => {
  const entries = fc.array(fc.record({ rank: fc.nat(50), staysLive: fc.boolean() }));
  fc.assert(
    fc.property(entries, (given) => {
      const heap = createHeap();
      const pushed = given.map(({ rank, staysLive }) => ({ entry: { rank, isLive: true }, staysLive }));
      for (const { entry } of pushed) heap.push(entry);
      for (const { entry, staysLive } of pushed) entry.isLive = staysLive;
      const expected = given.filter(({ staysLive }) => staysLive).map(({ rank }) => rank);
      expect(drain(heap)).toEqual(expected.sort((a, b) => a - b));
    }),
  );
});

test('does not grow with entries that went stale', () => {
  const heap = createHeap();
  const kept = { rank: -1, isLive: true };
  heap.push(kept);
  for (let rank = 0; rank < 50_000; rank++) {
    const entry = { rank, isLive: true };
    heap.push(entry);
    entry.isLive = false;
  }
  expect(heap.size).toBeLessThanOrEqual(2_048);
  expect(drain(heap)).toEqual([-1]);
});

test('keeps the order over a sweep', () => {
  const heap = createHeap();
  for (let rank = 3_000; rank > 0; rank--) heap.push({ rank, isLive: true });
  expect(drain(heap)).toEqual(Array.from({ length: 3_000 }, (_, index) => index + 1));
});
