import fc from 'fast-check';
import { planRanges } from '../../shared/core/plan-ranges.ts';

const at = (key: string, offsetBytes: number, lengthBytes: number) => ({
  key,
  offsetBytes,
  lengthBytes,
  of: `${key}@${offsetBytes}`,
});

describe('planRanges', () => {
  it('reads neighbours together, whatever their order', () => {
    expect(planRanges([at('a', 20, 10), at('a', 0, 10)])).toEqual([
      { key: 'a', offsetBytes: 0, lengthBytes: 30, wanted: [at('a', 0, 10), at('a', 20, 10)] },
    ]);
  });

  it('reads apart what lies far apart, or in another object', () => {
    const reads = planRanges([at('a', 0, 10), at('a', 65_547, 5), at('b', 0, 10)]);
    expect(reads.map(({ key, offsetBytes, lengthBytes }) => [key, offsetBytes, lengthBytes])).toEqual([
      ['a', 0, 10],
      ['a', 65_547, 5],
      ['b', 0, 10],
    ]);
    expect(planRanges([at('a', 0, 10), at('a', 65_546, 5)])).toHaveLength(1);
  });

  it('reads nothing for nothing', () => {
    expect(planRanges([])).toEqual([]);
  });

  it('has each of those that are wanted in exactly one read, which holds all of it', () => {
    const pointer = fc.record({
      key: fc.constantFrom('a', 'b'),
      offsetBytes: fc.nat(1_000_000),
      lengthBytes: fc.integer({ min: 1, max: 1000 }),
      of: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(pointer, { maxLength: 30 }), (wanted) => {
        const reads = planRanges(wanted);
        expect(reads.flatMap((read) => read.wanted)).toHaveLength(wanted.length);
        for (const read of reads)
          for (const one of read.wanted) {
            expect(one.key).toBe(read.key);
            expect(one.offsetBytes).toBeGreaterThanOrEqual(read.offsetBytes);
            expect(one.offsetBytes + one.lengthBytes).toBeLessThanOrEqual(
              read.offsetBytes + read.lengthBytes,
            );
          }
      }),
    );
  });
});
