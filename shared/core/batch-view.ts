import type { Batch, BatchUpload } from '../contract/batch.ts';
import type { BatchItem, BatchTally } from '../contract/batch-item.ts';
import { endedIn, sumTallies } from './batch-tally.ts';

const timeText = (timeMs: number | undefined): string | null =>
  timeMs === undefined ? null : new Date(timeMs).toISOString();

/** A batch as its caller sees it. */
export const toBatchView = (
  batch: BatchItem,
  tallies: readonly BatchTally[],
  upload?: BatchUpload,
): Batch => {
  const sums = sumTallies(tallies);
  return {
    batch_id: batch.batchId,
    custom_id: batch.customId,
    status: batch.status,
    counts: { total: batch.total, processing: batch.total - endedIn(sums), ...sums.ended },
    usage: sums.usage,
    cost_usd: sums.unpriced > 0 ? null : sums.costUsd,
    created_at: new Date(batch.createdAtMs).toISOString(),
    expires_at: new Date(batch.expiresAtMs).toISOString(),
    cancel_initiated_at: timeText(batch.cancelInitiatedAtMs),
    ended_at: timeText(batch.endedAtMs),
    results: batch.total === 0 ? null : `/v1/batches/${batch.batchId}/results`,
    error: batch.problem ?? null,
    metadata: { ...batch.metadata },
    ...(upload === undefined ? {} : { upload }),
  };
};
