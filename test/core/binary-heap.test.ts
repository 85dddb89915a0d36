import fc from 'fast-check';
import { createBinaryHeap } from '../../shared/core/binary-heap.ts';

describe('the heap', () => {
  it('is empty at first', () => {
    const heap = createBinaryHeap<number>((one, other) => one < other);
    expect([heap.size(), heap.peek(), heap.pop()]).toEqual([0, undefined, undefined]);
  });

  it('gives out the least first, whatever is put in meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }))), (steps) => {
        const heap = createBinaryHeap<number>((one, other) => one < other);
        const model: number[] = [];
        for (const step of steps) {
          if (step === null) {
            expect(heap.peek()).toBe(model[0]);
            expect(heap.pop()).toBe(model.shift());
          } else {
            heap.push(step);
            model.push(step);
            model.sort((one, other) => one - other);
          }
          expect(heap.size()).toBe(model.length);
        }
      }),
    );
  });
});
