import { isOver } from '../../contract/batch-statuses.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { type BatchInQuestion, type BatchMissing, findBatch } from './find-batch.ts';

export type DeleteOutcome =
  | { readonly kind: 'deleted' }
  /** Requests of it may still be answered: it has to be canceled first. */
  | { readonly kind: 'unfinished' }
  | BatchMissing;

/**
 * From now on nobody finds the batch. Its results lie packed with those of others and go when their time is up, as they
 * would have.
 */
export const createDeleteBatch =
  (deps: { readonly batches: BatchStore; readonly clock: Clock }) =>
  async (question: BatchInQuestion): Promise<DeleteOutcome> => {
    const found = await findBatch(question, deps);
    if (found.kind !== 'found') return found;
    const { batchId, status } = found.batch;
    if (!isOver(status)) return { kind: 'unfinished' };
    const ttlSeconds = Math.floor(deps.clock.nowMs() / 1000);
    const deleted = await deps.batches.change(batchId, ['ended', 'failed'], { ttlSeconds });
    return { kind: deleted === undefined ? 'unfinished' : 'deleted' };
  };
