import type { BatchItem } from '../../contract/batch-item.ts';
import { isOver } from '../../contract/batch-statuses.ts';
import { limit } from '../../contract/limits.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Queues } from '../../ports/queues.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { type BatchInQuestion, type BatchMissing, findBatch } from './find-batch.ts';
import { sendWork } from './send-work.ts';

export type CancelOutcome =
  /** It is being canceled; what runs may still be answered. */
  | { readonly kind: 'canceling'; readonly batch: BatchItem }
  | { readonly kind: 'over'; readonly batch: BatchItem }
  | BatchMissing;

const DAY_SECONDS = 86_400;

interface CancelDeps {
  readonly batches: BatchStore;
  readonly queues: Queues;
  readonly telemetry: Telemetry;
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

/** What got to no lane ends now: the splitter's own message may lie for minutes yet, and is what is left without this. */
const wakeSplitter = async (batchId: string, deps: CancelDeps): Promise<void> => {
  try {
    if (!(await sendWork(batchId, deps))) throw new Error('the queue did not take it');
  } catch (error) {
    deps.telemetry.log('warn', 'splitter_not_woken', { batch_id: batchId, error: String(error) });
  }
};

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
    if (isOver(batch.status)) return over(batch);
    await wakeSplitter(batchId, deps);
    return { kind: 'canceling', batch };
  };
