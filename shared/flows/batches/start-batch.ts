import type { BatchItem } from '../../contract/batch-item.ts';
import { uploadKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { createProblem, type Problem } from '../../contract/problem.ts';
import { uploadProblem } from '../../core/upload-problem.ts';
import { batchBacklog, lowByDefault } from './batch-backlog.ts';
import type { BatchDeps } from './batch-deps.ts';
import { type BatchInQuestion, type BatchMissing, findBatch } from './find-batch.ts';
import { sendWork, UNBEGUN_SECONDS } from './send-work.ts';

export type StartOutcome =
  | { readonly kind: 'started'; readonly batch: BatchItem }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | BatchMissing;

const refuse = (problem: Problem): StartOutcome => ({ kind: 'refused', problem });

/** Begun, but its message may be lost: sent again, it does no harm. */
const again = async (batch: BatchItem, deps: BatchDeps): Promise<StartOutcome> => {
  if (batch.status === 'validating' && !(await sendWork(batch.batchId, deps)))
    return refuse(createProblem('temporarily_unavailable'));
  return { kind: 'started', batch };
};

/** Begins with an upload. A batch that has begun already is told as it is. */
export const createStartBatch =
  (deps: BatchDeps) =>
  async (question: BatchInQuestion): Promise<StartOutcome> => {
    const found = await findBatch(question, deps);
    if (found.kind !== 'found') return found;
    const { batch } = found;
    if (batch.status !== 'awaiting_upload') return again(batch, deps);
    const sizeBytes = await deps.objects.sizeOf(uploadKey(batch.batchId));
    const problem =
      uploadProblem(sizeBytes, batch.announcedBytes) ??
      (await batchBacklog(lowByDefault(batch.defaults, deps.settings), deps));
    if (problem !== undefined) return refuse(problem);
    const nowMs = deps.clock.nowMs();
    const started = await deps.batches.change(batch.batchId, ['awaiting_upload'], {
      status: 'validating',
      acceptedAtMs: nowMs,
      expiresAtMs: nowMs + limit('max_age_seconds') * 1000,
      ttlSeconds: Math.floor(nowMs / 1000) + UNBEGUN_SECONDS,
    });
    // Somebody else started it at the same time: their message is on its way, and one more does no harm.
    const current = started ?? (await deps.batches.read(batch.batchId)) ?? batch;
    return again(current, deps);
  };
