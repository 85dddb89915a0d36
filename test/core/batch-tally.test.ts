import fc from 'fast-check';
import type { EndedMember } from '../../shared/contract/batch-item.ts';
import {
  countMembers,
  emptyTally,
  endedIn,
  membersOf,
  sumTallies,
  tallyCount,
  tallyOf,
} from '../../shared/core/batch-tally.ts';

const USAGE = { input_tokens: 3, output_tokens: 5, cache_read_tokens: 7, cache_write_tokens: 11 };

const member = (index: number, fields: Partial<EndedMember> = {}): EndedMember => ({
  batch: { id: 'bat_1', index, total: 9000 },
  status: 'succeeded',
  usage: USAGE,
  costUsd: 0.25,
  ...fields,
});

describe('tallies', () => {
  it.each([
    [0, 0],
    [3999, 0],
    [4000, 1],
    [99_999, 24],
  ])('member %d belongs to number %d', (index, tally) => {
    expect(tallyOf(index)).toBe(tally);
  });

  it.each([
    [0, 0, []],
    [1, 1, [1]],
    [4000, 1, [4000]],
    [4001, 2, [4000, 1]],
    [9000, 3, [4000, 4000, 1000]],
  ])('of %d members are %d, of these sizes: %j', (total, count, sizes) => {
    expect(tallyCount(total)).toBe(count);
    expect(sizes.map((_, tally) => membersOf(tally, total))).toEqual(sizes);
  });

  it('fit into one write unit', () => {
    expect(emptyTally(4000).counted).toHaveLength(500);
  });
});

describe('costs', () => {
  const tallyOfCosts = (...costs: readonly number[]) =>
    countMembers(
      emptyTally(4000),
      costs.map((costUsd, index) => member(index, { costUsd })),
    );

  it('are told to the nano-dollar, without the drift of their sum', () => {
    expect(tallyOfCosts(0.1, 0.2).costUsd).toBe(0.3);
    expect(sumTallies([tallyOfCosts(0.1), tallyOfCosts(0.2)]).costUsd).toBe(0.3);
  });
});

describe('a member that was reopened', () => {
  const died = member(1, { status: 'failed', usage: null, costUsd: null });
  const answered = member(1, { generation: 1 });

  it.each([
    ['in their order', [died, answered]],
    ['the other way round', [answered, died]],
    ['told again and again', [died, died, answered, answered, died]],
  ])('is counted as it ended last: %s', (_, ends) => {
    const tally = ends.reduce((sum, end) => countMembers(sum, [end]), emptyTally(4000));
    expect(tally.ended).toEqual({ succeeded: 1, failed: 0, canceled: 0, expired: 0 });
    expect(tally.usage).toEqual(USAGE);
  });

  it('that dies again is counted once', () => {
    const again = member(1, { status: 'failed', usage: null, costUsd: null, generation: 2 });
    const tally = countMembers(emptyTally(4000), [died, { ...again, generation: 1 }, again]);
    expect(tally.ended).toEqual({ succeeded: 0, failed: 1, canceled: 0, expired: 0 });
  });

  it('costs the tally its bytes, and nobody else’s', () => {
    expect(countMembers(emptyTally(4000), [died])).not.toHaveProperty('generations');
    expect(countMembers(emptyTally(4000), [answered]).generations).toHaveLength(4000);
  });
});

describe('countMembers', () => {
  it('adds each member once, with what it used', () => {
    const tally = countMembers(emptyTally(4000), [
      member(0),
      member(0, { status: 'failed' }),
      member(9, { status: 'expired', usage: null, costUsd: null }),
    ]);
    expect(tally.ended).toEqual({ succeeded: 1, failed: 0, canceled: 0, expired: 1 });
    expect(tally.usage).toEqual(USAGE);
    expect(tally.costUsd).toBe(0.25);
    expect([...tally.counted.subarray(0, 3)]).toEqual([1, 2, 0]);
  });

  it('is the very same tally when nobody is new', () => {
    const once = countMembers(emptyTally(4000), [member(8)]);
    expect(countMembers(once, [member(8, { status: 'failed' })])).toBe(once);
  });

  it('leaves the tally that it was given as it was', () => {
    const before = emptyTally(8);
    countMembers(before, [member(1)]);
    expect(before).toEqual(emptyTally(8));
  });

  it('does not count what lies beyond the batch', () => {
    const tally = emptyTally(8);
    expect(countMembers(tally, [member(3999)])).toBe(tally);
  });

  it('knows that a cost is not the whole cost', () => {
    const tally = countMembers(emptyTally(8), [
      member(0, { costUsd: null }),
      member(1, { usage: null, costUsd: null, status: 'failed' }),
    ]);
    expect([tally.unpriced, tally.costUsd]).toEqual([1, 0]);
  });

  const flushes = fc.array(
    fc.array(
      fc.record({
        index: fc.integer({ min: 0, max: 39 }),
        status: fc.constantFrom('succeeded', 'failed', 'canceled', 'expired'),
      }),
      { maxLength: 20 },
    ),
    { maxLength: 20 },
  );

  it('counts whoever ended, told how often and in whatever flushes, exactly once', () => {
    fc.assert(
      fc.property(flushes, (told) => {
        const tally = told.reduce(
          (sum, flush) =>
            countMembers(
              sum,
              flush.map(({ index, status }) => member(index, { status })),
            ),
          emptyTally(40),
        );
        const different = new Set(told.flat().map(({ index }) => index));
        expect(endedIn(tally)).toBe(different.size);
        expect(tally.usage.input_tokens).toBe(3 * different.size);
        const again = countMembers(
          tally,
          told.flat().map(({ index, status }) => member(index, { status })),
        );
        expect(again).toBe(tally);
      }),
    );
  });

  it('comes to the same in any order of the members', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 }), (order) => {
        const tally = countMembers(
          emptyTally(40),
          order.map((index) => member(index)),
        );
        expect([...tally.counted]).toEqual([255, 255, 255, 255, 255]);
        expect(tally.ended.succeeded).toBe(40);
      }),
    );
  });
});

describe('sumTallies', () => {
  it('is that of the whole batch', () => {
    const tallies = [
      countMembers(emptyTally(4000), [member(0), member(1, { status: 'failed', costUsd: null })]),
      countMembers(emptyTally(4000), [member(4000, { status: 'canceled', usage: null, costUsd: null })]),
    ];
    expect(sumTallies(tallies)).toMatchObject({
      ended: { succeeded: 1, failed: 1, canceled: 1, expired: 0 },
      usage: { input_tokens: 6, output_tokens: 10, cache_read_tokens: 14, cache_write_tokens: 22 },
      costUsd: 0.25,
      unpriced: 1,
    });
    expect(endedIn(sumTallies([]))).toBe(0);
  });
});
