import { createShelf, type Shelf } from '../../../shared/core/scheduler/shelf.ts';

const put = (shelf: Shelf, tenant: string, sentAtMs: number, untilMs = 60_000): void =>
  shelf.put(tenant, { receipt: `${tenant}-${sentAtMs}`, sentAtMs, untilMs });

const taken = (shelf: Shelf, tenant: string, most: number, nowMs = 0): readonly string[] =>
  shelf.take(tenant, most, nowMs).map(({ receipt }) => receipt);

describe('a shelf', () => {
  let shelf: Shelf;

  beforeEach(() => {
    shelf = createShelf();
  });

  it('gives each tenant its oldest first, in whatever order they came', () => {
    for (const sentAtMs of [30, 10, 20]) put(shelf, 'a', sentAtMs);
    put(shelf, 'b', 5);
    expect(taken(shelf, 'a', 2)).toEqual(['a-10', 'a-20']);
    expect(taken(shelf, 'a', 2)).toEqual(['a-30']);
    expect(shelf.tenants()).toEqual(['b']);
  });

  it('keeps the order of those that were sent at once', () => {
    for (const receipt of ['first', 'second']) shelf.put('a', { receipt, sentAtMs: 1, untilMs: 60_000 });
    expect(taken(shelf, 'a', 10)).toEqual(['first', 'second']);
  });

  it('tells how many of a tenant were sent before', () => {
    for (const sentAtMs of [10, 20, 30]) put(shelf, 'a', sentAtMs);
    expect([5, 10, 11, 99].map((sentAtMs) => shelf.before('a', sentAtMs))).toEqual([0, 0, 1, 3]);
    expect(shelf.before('b', 99)).toBe(0);
  });

  it('does not give what has come back by itself', () => {
    put(shelf, 'a', 10, 1_000);
    put(shelf, 'a', 20, 5_000);
    expect(taken(shelf, 'a', 10, 1_000)).toEqual(['a-20']);
    expect(shelf.size()).toBe(0);
  });

  it('forgets what has come back by itself', () => {
    put(shelf, 'a', 10, 1_000);
    put(shelf, 'b', 20, 5_000);
    shelf.forgetDue(2_000);
    expect([shelf.size(), shelf.tenants()]).toEqual([1, ['b']]);
  });

  it('names the tenants whose turn was longest ago first', () => {
    for (const tenant of ['a', 'b', 'c']) for (const sentAtMs of [1, 2]) put(shelf, tenant, sentAtMs);
    taken(shelf, 'a', 1);
    expect(shelf.tenants()).toEqual(['b', 'c', 'a']);
    expect(shelf.size()).toBe(5);
  });

  it('is empty once it is cleared', () => {
    put(shelf, 'a', 1);
    shelf.clear();
    expect([shelf.size(), shelf.tenants(), taken(shelf, 'a', 1)]).toEqual([0, [], []]);
  });
});
