import type { BatchItem, BatchTally } from '../../contract/batch-item.ts';
import { tallyCount } from '../../core/batch-tally.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ListPosition, ListQuestion, RequestLists } from '../../ports/request-lists.ts';
import { findBatch } from './find-batch.ts';

export interface ListBatchesDeps {
  readonly lists: RequestLists;
  readonly batches: BatchStore;
  readonly clock: Clock;
}

export interface ListedBatches {
  readonly batches: readonly { readonly batch: BatchItem; readonly tallies: readonly BatchTally[] }[];
  readonly next: ListPosition | undefined;
}

/** A page of a tenant's batches, newest first; what was removed, or is about to be, is left out. */
export const createListBatches =
  (deps: ListBatchesDeps) =>
  async (question: Omit<ListQuestion, 'list'>): Promise<ListedBatches> => {
    const { tenant } = question;
    const { entries, next } = await deps.lists.page({ ...question, list: { by: 'batches' } });
    const listed = await Promise.all(
      entries.map(async ({ requestId: batchId }) => {
        const found = await findBatch({ batchId, tenant }, deps);
        if (found.kind !== 'found') return [];
        const tallies = await deps.batches.tallies(batchId, tallyCount(found.batch.total));
        return [{ batch: found.batch, tallies }];
      }),
    );
    return { batches: listed.flat(), next };
  };
