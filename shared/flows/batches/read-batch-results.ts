import type { BatchItem } from '../../contract/batch-item.ts';
import type { RequestItem, ResultPointer } from '../../contract/request-item.ts';
import type { Settings } from '../../contract/settings.ts';
import { isTerminal, type TerminalStatus } from '../../contract/statuses.ts';
import { planRanges, type RangeRead } from '../../core/plan-ranges.ts';
import { deriveRequestId } from '../../core/request-id.ts';
import { calledTarget } from '../../core/targets/called-target.ts';
import { toResultWithoutText } from '../../core/to-view.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';
import type { RequestReader } from '../../ports/request-reader.ts';
import { type BatchInQuestion, type BatchMissing, findBatch } from './find-batch.ts';

export interface ResultsDeps {
  readonly settings: Settings;
  readonly region: string;
  readonly batches: BatchStore;
  readonly requestReader: RequestReader;
  readonly objects: Objects;
  readonly clock: Clock;
}

export interface ResultsQuestion extends BatchInQuestion {
  /** Index of the first member to look at. */
  readonly from: number;
  /** Most members to look at. */
  readonly limit: number;
  /** All, unless said. */
  readonly statuses: readonly TerminalStatus[];
}

export type ResultsReading =
  | {
      readonly kind: 'page';
      /** JSON without line breaks, in the order of the batch. */
      readonly lines: readonly Uint8Array[];
      /** Where the next page begins, unless this was the last. */
      readonly nextFrom?: number;
    }
  | BatchMissing;

/**
 * Of results, in one page. An answer of Lambda holds 6 MB, in which every quote and backslash counts twice; so
 * does memory here.
 */
export const PAGE_BYTES = 2_750_000;
const MEMBERS_AT_ONCE = 500;
const READS_AT_ONCE = 8;
/** Of a result that lies nowhere: told from its state item. */
const SMALL_BYTES = 1024;

interface Found {
  readonly index: number;
  readonly item: RequestItem;
}

interface Page {
  readonly found: readonly Found[];
  readonly nextFrom: number;
}

const idOf = (batchId: string, index: number): string => deriveRequestId({ kind: 'member', batchId, index });

const sizeOf = ({ item }: Found): number => item.result?.lengthBytes ?? SMALL_BYTES;

/** Members that have ended, from `from` on, as many as one page takes. */
const findEnded = async (
  { batchId, total }: BatchItem,
  question: ResultsQuestion,
  deps: ResultsDeps,
): Promise<Page> => {
  const end = Math.min(total, question.from + question.limit);
  const found: Found[] = [];
  let bytes = 0;
  for (let start = question.from; start < end; start += MEMBERS_AT_ONCE) {
    const indexes = Array.from(
      { length: Math.min(MEMBERS_AT_ONCE, end - start) },
      (_, place) => start + place,
    );
    const items = await deps.requestReader.readMany(indexes.map((index) => idOf(batchId, index)));
    for (const index of indexes) {
      const item = items.get(idOf(batchId, index));
      if (item === undefined || !isTerminal(item.status)) continue;
      if (!question.statuses.includes(item.status)) continue;
      bytes += sizeOf({ index, item });
      if (found.length > 0 && bytes > PAGE_BYTES) return { found, nextFrom: index };
      found.push({ index, item });
    }
  }
  return { found, nextFrom: end };
};

const withoutText = ({ item }: Found, deps: ResultsDeps): Uint8Array => {
  const result = toResultWithoutText(item, { ...calledTarget(item, deps), nowMs: deps.clock.nowMs() });
  return Buffer.from(JSON.stringify(result));
};

const readRange = async (
  read: RangeRead<Found>,
  deps: ResultsDeps,
): Promise<readonly (readonly [Found, Uint8Array])[]> => {
  const bytes = await deps.objects.get(read.key, read);
  return read.wanted.map((pointer) => {
    const start = pointer.offsetBytes - read.offsetBytes;
    const line = bytes?.subarray(start, start + pointer.lengthBytes);
    return [pointer.of, line ?? withoutText(pointer.of, deps)];
  });
};

const toPointer = (found: Found): readonly (ResultPointer & { readonly of: Found })[] =>
  found.item.result === undefined ? [] : [{ ...found.item.result, of: found }];

const readLines = async (found: readonly Found[], deps: ResultsDeps): Promise<readonly Uint8Array[]> => {
  const reads = planRanges(found.flatMap(toPointer));
  const lines = new Map<Found, Uint8Array>();
  for (let start = 0; start < reads.length; start += READS_AT_ONCE) {
    const some = reads.slice(start, start + READS_AT_ONCE);
    const read = await Promise.all(some.map((range) => readRange(range, deps)));
    for (const [one, line] of read.flat()) lines.set(one, line);
  }
  return found.map((one) => lines.get(one) ?? withoutText(one, deps));
};

/** One page of how the requests of a batch ended; those that have not yet are left out. */
export const createReadBatchResults =
  (deps: ResultsDeps) =>
  async (question: ResultsQuestion): Promise<ResultsReading> => {
    const batch = await findBatch(question, deps);
    if (batch.kind !== 'found') return batch;
    const { found, nextFrom } = await findEnded(batch.batch, question, deps);
    const lines = await readLines(found, deps);
    return { kind: 'page', lines, ...(nextFrom < batch.batch.total ? { nextFrom } : {}) };
  };
