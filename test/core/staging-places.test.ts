import fc from 'fast-check';
import { PRIORITIES, type Priority } from '../../shared/contract/priorities.ts';
import { freeBulkPlaces, freePlaces, hasMemory, tenantPlaces } from '../../shared/core/staging-places.ts';

const staged = (high: number, normal: number, low: number) => ({ high, normal, low });

describe('free places, of a hundred', () => {
  it.each<[Priority, readonly [number, number, number], number]>([
    ['high', [0, 0, 0], 100],
    ['normal', [0, 0, 0], 50],
    ['low', [0, 0, 0], 20],
    ['low', [0, 0, 20], 0],
    ['normal', [0, 0, 20], 30],
    ['high', [0, 30, 20], 50],
    ['high', [90, 0, 0], 10],
    ['normal', [90, 0, 0], 10],
    ['low', [90, 0, 0], 10],
    ['low', [0, 50, 0], 0],
    ['low', [0, 40, 0], 10],
    ['low', [0, 30, 0], 20],
    ['high', [100, 0, 0], 0],
    ['low', [100, 0, 0], 0],
    ['high', [120, 10, 10], 0],
  ])('for %s beside %j', (priority, [high, normal, low], places) => {
    expect(freePlaces(priority, staged(high, normal, low), 100)).toBe(places);
  });
});

describe('free places for overflow, of a hundred', () => {
  it.each<[string, Priority, number, number, boolean, number]>([
    ['three quarters of the class’s room while express is quiet', 'high', 0, 0, false, 75],
    ['less what is staged of it', 'high', 60, 60, false, 15],
    ['a quarter while express is busy', 'high', 0, 0, true, 25],
    ['nothing once it has more than a quarter', 'high', 60, 60, true, 0],
    ['never more than the class has', 'high', 95, 20, false, 5],
    ['of the class’s own room', 'low', 0, 0, false, 15],
  ])('%s', (_, priority, ofClass, own, isExpressBusy, places) => {
    const ofClasses = { ...staged(0, 0, 0), [priority]: ofClass };
    const load = { staged: ofClasses, own, other: 0, isExpressBusy, isOtherBusy: false };
    expect(freeBulkPlaces(priority, load, 100)).toBe(places);
  });

  it.each<[string, number, number, boolean, boolean, number]>([
    ['half of that while the other bulk lane is busy', 0, 0, false, true, 38],
    ['nothing more once it has its half', 38, 0, false, true, 0],
    ['less what the other has borrowed', 0, 60, false, true, 15],
    ['all of it once the other is quiet', 38, 0, false, false, 37],
    ['half of a quarter while express is busy as well', 0, 0, true, true, 13],
  ])('%s', (_, own, other, isExpressBusy, isOtherBusy, places) => {
    const load = { staged: staged(own + other, 0, 0), own, other, isExpressBusy, isOtherBusy };
    expect(freeBulkPlaces('high', load, 100)).toBe(places);
  });

  it('is at least one when nothing is staged, however few there are', () => {
    const load = { staged: staged(0, 0, 0), own: 0, other: 0, isExpressBusy: true, isOtherBusy: false };
    expect(PRIORITIES.map((priority) => freeBulkPlaces(priority, load, 10))).toEqual([2, 1, 1]);
  });
});

describe('places of each tenant of a bulk lane, of a hundred', () => {
  it.each<[string, Priority, number, boolean, boolean, number]>([
    ['all of them for one', 'normal', 1, false, false, 36],
    ['half for each of two', 'normal', 2, false, false, 18],
    ['of what the lane has beside a busy other one', 'normal', 2, false, true, 9],
    ['and beside busy express', 'normal', 2, true, true, 3],
    ['one at least, however many they are', 'low', 1_000, false, false, 1],
  ])('%s', (_, priority, tenants, isExpressBusy, isOtherBusy, each) => {
    const neighbours = { isExpressBusy, isOtherBusy };
    expect(tenantPlaces(priority, neighbours, { places: 100, tenants })).toBe(each);
  });
});

describe('memory', () => {
  const MIB = 1024 * 1024;

  it.each<[Priority, readonly [number, number, number], boolean]>([
    ['low', [0, 0, 31], true],
    ['low', [0, 0, 32], false],
    ['normal', [0, 0, 32], true],
    ['normal', [0, 16, 32], false],
    ['high', [0, 16, 32], true],
    ['high', [16, 16, 32], false],
    ['low', [64, 0, 0], false],
    ['low', [0, 0, 0], true],
  ])('for %s beside %j MiB: %s', (priority, [high, normal, low], free) => {
    expect(hasMemory(priority, staged(high * MIB, normal * MIB, low * MIB))).toBe(free);
  });
});

const setup = fc.record({
  places: fc.integer({ min: 10, max: 10_000 }),
  arrivals: fc.array(
    fc.record({ priority: fc.constantFrom(...PRIORITIES), count: fc.integer({ min: 1, max: 4000 }) }),
  ),
});

/** Stages what arrives, as far as there are places. */
const fill = (arrivals: readonly { priority: Priority; count: number }[], places: number) => {
  const now = staged(0, 0, 0);
  for (const { priority, count } of arrivals)
    now[priority] += Math.min(count, freePlaces(priority, now, places));
  return now;
};

describe('whatever arrives', () => {
  it('no more is staged than there are places', () => {
    fc.assert(
      fc.property(setup, ({ arrivals, places }) => {
        const { high, normal, low } = fill(arrivals, places);
        expect(high + normal + low).toBeLessThanOrEqual(places);
      }),
    );
  });

  it('lower classes leave half of the places to high, and low leaves four fifths to others', () => {
    fc.assert(
      fc.property(setup, ({ arrivals, places }) => {
        const { normal, low } = fill(arrivals, places);
        expect(normal + low).toBeLessThanOrEqual(Math.max(1, places * 0.5));
        expect(low).toBeLessThanOrEqual(Math.max(1, places * 0.2));
      }),
    );
  });

  it('a lone class always finds a place, so that nothing waits for ever', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PRIORITIES), fc.integer({ min: 1, max: 10_000 }), (priority, places) => {
        expect(freePlaces(priority, staged(0, 0, 0), places)).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
