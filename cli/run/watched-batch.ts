import type { Batch } from '../../shared/contract/batch.ts';
import { isOver } from '../../shared/contract/batch-statuses.ts';
import type { Result } from '../../shared/contract/request.ts';
import type { ApiAnswer, ApiClient } from '../api-client.ts';
import { answered } from '../refused.ts';

/** A batch whose results are taken as they come. */
export interface WatchedBatch {
  readonly batchId: string;
  readonly total: number;
  /** As it was last looked at. */
  readonly view: Batch | undefined;
  /** Every result was taken, and is in the sums, which may be told later. */
  readonly isDone: boolean;
  /** Looks once, and gives what has ended since, each result once. */
  look(signal: AbortSignal): Promise<readonly Result[]>;
}

export interface WatchOptions {
  readonly api: ApiClient;
  readonly batchId: string;
  readonly total: number;
  /** Indexes of results that were taken at an earlier time. */
  readonly taken: ReadonlySet<number>;
  /** Only in the order of the batch. */
  readonly isOrdered: boolean;
}

/** Looked at for one page: enough for what ends between two looks, and little to look at again. */
const PAGE_REQUESTS = 500;

const nextOf = (headers: Headers): string | undefined =>
  /<([^<>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];

const parseLines = (text: string): readonly Result[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result);

export const watchBatch = ({ api, batchId, total, taken, isOrdered }: WatchOptions): WatchedBatch => {
  const seen = new Set(taken);
  let view: Batch | undefined;
  let from = 0;

  const advance = (): void => {
    while (seen.has(from)) from += 1;
  };

  /** With `isOrdered` a result that comes before its turn is left for a later look. */
  const isNew = ({ batch_index: index }: Result): boolean =>
    index !== undefined && !seen.has(index) && (!isOrdered || index === from);

  const takePage = (results: readonly Result[]): readonly Result[] =>
    results.filter((result) => {
      if (!isNew(result)) return false;
      seen.add(result.batch_index ?? 0);
      if (isOrdered) advance();
      return true;
    });

  /** Pages from the first that is missing, as far as something new can be. */
  const takeNew = async (ended: number, signal: AbortSignal): Promise<readonly Result[]> => {
    advance();
    const found: Result[] = [];
    let next: string | undefined = `/v1/batches/${batchId}/results?from=${from}&limit=${PAGE_REQUESTS}`;
    while (next !== undefined && seen.size < ended) {
      const answer: ApiAnswer<string> = await api.call({ method: 'GET', path: next, signal });
      const page = parseLines(answered(answer));
      const taken = takePage(page);
      found.push(...taken);
      // Behind a gap nothing is in order.
      if (isOrdered && taken.length < page.length) break;
      next = answer.kind === 'answered' ? nextOf(answer.headers) : undefined;
    }
    advance();
    return found;
  };

  return {
    batchId,
    total,
    get view() {
      return view;
    },
    get isDone() {
      return seen.size >= total && view !== undefined && isOver(view.status);
    },
    look: async (signal) => {
      const current = answered(
        await api.call<Batch>({ method: 'GET', path: `/v1/batches/${batchId}`, signal }),
      );
      view = current;
      const ended = current.counts.total - current.counts.processing;
      const isEnded = isOver(current.status);
      const results = seen.size < ended || isEnded ? await takeNew(isEnded ? total : ended, signal) : [];
      if (isEnded && results.length === 0 && seen.size < total)
        throw new Error(`${total - seen.size} results of ${batchId} can no longer be read`);
      return results;
    },
  };
};
