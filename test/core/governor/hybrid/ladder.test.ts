import { createLadder, type Ladder } from '../../../../shared/core/governor/hybrid/ladder.ts';

const START_MS = 1_000_000;
/** Sizes of 1,000, 2,000 and 4,000 tokens. */
const ladder = (): Ladder =>
  createLadder({ sizesSeconds: [1, 2, 4], perSecond: () => 1000, saved: undefined }, START_MS);

describe('the ladder of bucket sizes', () => {
  it('begins full, with the largest', () => {
    expect([ladder().believedSeconds(), ladder().size(), ladder().level()]).toEqual([4, 4000, 4000]);
  });

  it('tells which smaller size would have refused a call', () => {
    const sizes = ladder();
    expect(sizes.refusedBy(500)).toBeUndefined();
    sizes.take(1500);
    // 1,000 is empty; 2,000 has 500 left.
    expect(sizes.refusedBy(500)).toBe(0);
    expect(sizes.refusedBy(600)).toBe(1);
  });

  it('takes a call that was admitted for proof that its hold was there', () => {
    const sizes = ladder();
    for (let sent = 0; sent < 4; sent++) sizes.take(1000);
    expect(sizes.save().levels).toEqual([0, 0, 0]);

    sizes.take(3000);
    // Below zero only by what a call exceeds the size; what is believed is in debt as it is.
    expect(sizes.save().levels).toEqual([-2000, -1000, -3000]);
  });

  it('stores no more than each size', () => {
    const sizes = ladder();
    sizes.take(3000);
    sizes.give(1500);
    expect(sizes.save().levels).toEqual([-500, 500, 2500]);
    sizes.give(2000);
    expect(sizes.save().levels).toEqual([1000, 2000, 4000]);
  });

  it('believes in the size that foresaw the refusal while it is sure of its level', () => {
    const sizes = ladder();
    sizes.contradict(0);
    expect(sizes.believedSeconds()).toBe(1);
    expect(sizes.save().fails).toEqual([0, 1, 1]);
  });

  it('goes one step down while the level is a guess, until the bucket was full again', () => {
    const sizes = ladder();
    sizes.empty(100, START_MS);
    sizes.contradict(0);
    expect(sizes.believedSeconds()).toBe(2);

    sizes.refill(1900);
    sizes.contradict(0);
    expect(sizes.believedSeconds()).toBe(1);
  });

  it('leaves little after a refusal, and no more than there was', () => {
    const sizes = ladder();
    sizes.take(3950);
    sizes.empty(100, START_MS);
    expect(sizes.save().levels).toEqual([-2950, -1950, 50]);
  });

  it.each([
    ['after 5 minutes without a contradiction', 0, 300_000],
    ['after 10 when it failed once', 1, 600_000],
    ['after 20 when it failed twice', 2, 1_200_000],
    ['after an hour when it failed often', 9, 3_600_000],
  ])('believes in the next larger size %s', (_, fails, patienceMs) => {
    const saved = {
      levels: [0, 0, 0],
      believed: 1,
      sure: true,
      fails: [0, 0, fails],
      contradictedAtMs: START_MS,
    };
    const sizes = createLadder({ sizesSeconds: [1, 2, 4], perSecond: () => 1000, saved }, START_MS);

    sizes.believeLarger(START_MS + patienceMs - 1);
    expect(sizes.believedSeconds()).toBe(2);
    sizes.believeLarger(START_MS + patienceMs);
    expect(sizes.believedSeconds()).toBe(4);
  });
});
