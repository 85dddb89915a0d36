import fc from 'fast-check';
import { groupBy } from '../../shared/core/group-by.ts';
import { packBatches } from '../../shared/core/pack-batches.ts';

const sizeOf = (size: number): number => size;
const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

describe('batches', () => {
  it.each([
    ['nothing', [], { maxEntries: 10, maxBytes: 100 }, []],
    ['what fits at once', [1, 2, 3], { maxEntries: 3, maxBytes: 6 }, [[1, 2, 3]]],
    ['more entries than fit', [1, 1, 1], { maxEntries: 2, maxBytes: 100 }, [[1, 1], [1]]],
    ['more bytes than fit', [5, 5, 1], { maxEntries: 10, maxBytes: 9 }, [[5], [5, 1]]],
    ['an entry too large alone', [1, 50, 1], { maxEntries: 10, maxBytes: 9 }, [[1], [50], [1]]],
  ])('hold %s', (_, entries, limits, batches) => {
    expect(packBatches(entries, sizeOf, limits)).toEqual(batches);
  });

  it('keep the order and the limits, lose nothing, and are never empty', () => {
    const limits = fc.record({
      maxEntries: fc.integer({ min: 1, max: 10 }),
      maxBytes: fc.integer({ min: 1, max: 50 }),
    });

    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 })), limits, (entries, { maxEntries, maxBytes }) => {
        const batches = packBatches(entries, sizeOf, { maxEntries, maxBytes });

        expect(batches.flat()).toEqual(entries);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(maxEntries);
          if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(maxBytes);
        }
      }),
    );
  });

  it('are as full as the next entry lets them be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), (entries) => {
        const batches = packBatches(entries, sizeOf, { maxEntries: 4, maxBytes: 20 });

        for (const [index, batch] of batches.slice(0, -1).entries())
          expect(batch.length === 4 || sum(batch) + (batches[index + 1]?.[0] ?? 0) > 20).toBe(true);
      }),
    );
  });
});

describe('groups', () => {
  it('come in the order of first appearance, and keep the order within', () => {
    expect([...groupBy(['b1', 'a1', 'b2', 'a2'], (entry) => entry[0])]).toEqual([
      ['b', ['b1', 'b2']],
      ['a', ['a1', 'a2']],
    ]);
  });

  it('hold every entry once, below its own key', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (entries) => {
        const groups = groupBy(entries, (entry) => entry % 3);

        expect([...groups.values()].flat().sort()).toEqual([...entries].sort());
        for (const [key, group] of groups) expect(group.every((entry) => entry % 3 === key)).toBe(true);
      }),
    );
  });
});
