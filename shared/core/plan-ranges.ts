import type { ResultPointer } from '../contract/request-item.ts';
import { groupBy } from './group-by.ts';

/** One read of an object, and what of it is wanted. */
export interface RangeRead<T> {
  readonly key: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly wanted: readonly (ResultPointer & { readonly of: T })[];
}

/** To read so much more costs less than another request. */
const MOST_GAP_BYTES = 64 * 1024;

/** As few reads as will do: neighbours in one object are read together. */
export const planRanges = <T>(
  wanted: readonly (ResultPointer & { readonly of: T })[],
): readonly RangeRead<T>[] =>
  [...groupBy(wanted, ({ key }) => key)].flatMap(([key, pointers]) => {
    const reads: { offsetBytes: number; endBytes: number; wanted: (typeof pointers)[number][] }[] = [];
    for (const pointer of pointers.toSorted((a, b) => a.offsetBytes - b.offsetBytes)) {
      const last = reads.at(-1);
      const endBytes = pointer.offsetBytes + pointer.lengthBytes;
      if (last !== undefined && pointer.offsetBytes - last.endBytes <= MOST_GAP_BYTES) {
        last.endBytes = Math.max(last.endBytes, endBytes);
        last.wanted.push(pointer);
      } else reads.push({ offsetBytes: pointer.offsetBytes, endBytes, wanted: [pointer] });
    }
    return reads.map((read) => ({
      key,
      offsetBytes: read.offsetBytes,
      lengthBytes: read.endBytes - read.offsetBytes,
      wanted: read.wanted,
    }));
  });
