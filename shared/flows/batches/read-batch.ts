import type { BatchItem, BatchTally } from '../../contract/batch-item.ts';
import { tallyCount } from '../../core/batch-tally.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { type BatchInQuestion, type BatchMissing, findBatch } from './find-batch.ts';

interface ReadBatchDeps {
  readonly batches: BatchStore;
  readonly clock: Clock;
}

export type BatchReading =
  | { readonly kind: 'found'; readonly batch: BatchItem; readonly tallies: readonly BatchTally[] }
  | BatchMissing;

/** A batch with how its requests ended so far. */
export const createReadBatch =
  (deps: ReadBatchDeps) =>
  async (question: BatchInQuestion): Promise<BatchReading> => {
    const found = await findBatch(question, deps);
    if (found.kind !== 'found') return found;
    const { batch } = found;
    const tallies = await deps.batches.tallies(batch.batchId, tallyCount(batch.total));
    return { ...found, tallies };
  };
