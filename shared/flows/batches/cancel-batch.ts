import type { BatchItem } from '../../contract/batch-item.ts';
import { isOver } from '../../contract/batch-statuses.ts';
import { limit } from '../../contract/limits.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { type BatchInQuestion, type BatchMissing, findBatch } from './find-batch.ts';

export type CancelOutcome =
  /** It is being canceled; what runs may still be answered. */
  | { readonly kind: 'canceling'; readonly batch: BatchItem }
  | { readonly kind: 'over'; readonly batch: BatchItem }
  | BatchMissing;

const DAY_SECONDS = 86_400;

interface CancelDeps {
  readonly batches: BatchStore;
  readonly clock: Clock;
}

const over = (batch: BatchItem): CancelOutcome => ({ kind: 'over', batch });

/** Nothing of it was accepted yet: it is over at once, and the splitter finds it so. */
const cancelBeforeAcceptance = (batchId: string, nowMs: number, { batches }: CancelDeps) =>
  batches.change(batchId, ['awaiting_upload', 'validating'], {
    status: 'ended',
    cancelInitiatedAtMs: nowMs,
    endedAtMs: nowMs,
    ttlSeconds: Math.floor(nowMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
  });

/** One flag for all its requests: drains read it before each claim, the splitter with each of its steps. */
export const createCancelBatch =
  (deps: CancelDeps) =>
  async (question: BatchInQuestion): Promise<CancelOutcome> => {
    const found = await findBatch(question, deps);
    if (found.kind !== 'found') return found;
    const { batchId } = found.batch;
    const nowMs = deps.clock.nowMs();
    const ended = await cancelBeforeAcceptance(batchId, nowMs, deps);
    if (ended !== undefined) return over(ended);
    const canceling = await deps.batches.change(batchId, ['in_progress'], {
      status: 'canceling',
      cancelInitiatedAtMs: nowMs,
    });
    const batch = canceling ?? (await deps.batches.read(batchId)) ?? found.batch;
    return isOver(batch.status) ? over(batch) : { kind: 'canceling', batch };
  };
