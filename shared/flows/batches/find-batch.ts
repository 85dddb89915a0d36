import type { BatchItem } from '../../contract/batch-item.ts';
import { ownedBy } from '../../core/identity/owned-by.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';

export interface BatchInQuestion {
  readonly batchId: string;
  readonly tenant: string;
}

export type BatchMissing = { readonly kind: 'not_found' } | { readonly kind: 'gone' };

/** A batch as its own tenant sees it; to others it does not exist. */
export const findBatch = async (
  { batchId, tenant }: BatchInQuestion,
  deps: { readonly batches: BatchStore; readonly clock: Clock },
): Promise<{ readonly kind: 'found'; readonly batch: BatchItem } | BatchMissing> => {
  const batch = ownedBy(tenant, await deps.batches.read(batchId));
  if (batch === undefined) return { kind: 'not_found' };
  const isOver = batch.ttlSeconds !== undefined && batch.ttlSeconds * 1000 <= deps.clock.nowMs();
  return isOver ? { kind: 'gone' } : { kind: 'found', batch };
};
