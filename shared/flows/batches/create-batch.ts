import type { BatchUpload } from '../../contract/batch.ts';
import type { BatchItem } from '../../contract/batch-item.ts';
import { batchInputKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { createProblem, type Problem } from '../../contract/problem.ts';
import type { BatchReport } from '../../core/batch-check.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import { createBatchId, deriveBatchId } from '../../core/request-id.ts';
import { allowUpload } from './allow-upload.ts';
import { batchBacklog, lowByDefault } from './batch-backlog.ts';
import type { BatchDeps } from './batch-deps.ts';
import { type BatchSubmission, checkBatch, problemOf, type TimedSubmission } from './check-batch.ts';
import { sendWork, UNBEGUN_SECONDS } from './send-work.ts';

export type BatchAcceptance =
  | {
      readonly kind: 'accepted';
      readonly batch: BatchItem;
      readonly replayed: boolean;
      readonly upload?: BatchUpload;
    }
  | { readonly kind: 'refused'; readonly problem: Problem };

const UNAVAILABLE: BatchAcceptance = {
  kind: 'refused',
  problem: createProblem('temporarily_unavailable'),
};

const newBatch = (
  batchId: string,
  { sent, tenant }: BatchSubmission,
  nowMs: number,
): Omit<BatchItem, 'status' | 'expiresAtMs' | 'input' | 'total'> => ({
  batchId,
  customId: sent.customId,
  tenant,
  fingerprint: fingerprintOf(sent.body),
  defaults: sent.defaults,
  metadata: sent.metadata,
  ...(sent.callbackUrl === undefined ? {} : { callbackUrl: sent.callbackUrl }),
  createdAtMs: nowMs,
  acceptedAtMs: nowMs,
  cursor: { offsetBytes: 0, line: 0, index: 0 },
  ttlSeconds: Math.floor(nowMs / 1000) + UNBEGUN_SECONDS,
});

/** What was accepted before is told again, and its splitter called again should it not have begun. */
const replay = async (
  batch: BatchItem,
  { sent }: BatchSubmission,
  deps: BatchDeps,
): Promise<BatchAcceptance> => {
  if (batch.fingerprint !== fingerprintOf(sent.body))
    return {
      kind: 'refused',
      problem: createProblem('idempotency_conflict', {
        detail: `The key names ${batch.batchId}, which was sent with another body. Send that body again, or choose a new key.`,
      }),
    };
  if (batch.status === 'awaiting_upload') {
    const sizeBytes = sent.content.kind === 'upload' ? sent.content.sizeBytes : undefined;
    const upload = await allowUpload(batch.batchId, sizeBytes, deps);
    return { kind: 'accepted', batch, replayed: true, upload };
  }
  const begun = batch.ttlSeconds === undefined || batch.endedAtMs !== undefined;
  if (!begun && !(await sendWork(batch.batchId, deps))) return UNAVAILABLE;
  return { kind: 'accepted', batch, replayed: true };
};

const createUploaded = async (
  batchId: string,
  { nowMs, ...submission }: TimedSubmission,
  deps: BatchDeps,
): Promise<BatchAcceptance> => {
  const { sent } = submission;
  if (sent.content.kind !== 'upload') return UNAVAILABLE;
  const { sizeBytes } = sent.content;
  const untilMs = nowMs + limit('upload_start_seconds') * 1000;
  const batch: BatchItem = {
    ...newBatch(batchId, submission, nowMs),
    status: 'awaiting_upload',
    expiresAtMs: untilMs,
    input: { key: batchInputKey(batchId, fingerprintOf(sent.body)), sizeBytes: 0 },
    ...(sizeBytes === undefined ? {} : { announcedBytes: sizeBytes }),
    total: 0,
    ttlSeconds: Math.floor(untilMs / 1000),
  };
  const creation = await deps.batches.create(batch);
  if (creation.kind === 'exists') return replay(creation.batch, submission, deps);
  const upload = await allowUpload(batchId, sizeBytes, deps);
  return { kind: 'accepted', batch, replayed: false, upload };
};

/** The requests first, then the batch, then the message: each is of no effect without the one after it. */
const createInline = async (
  batchId: string,
  { nowMs, report, ...submission }: TimedSubmission & { readonly report: BatchReport },
  deps: BatchDeps,
): Promise<BatchAcceptance> => {
  const { content, body } = submission.sent;
  if (content.kind !== 'members') return UNAVAILABLE;
  const lines = content.members.map(({ read }) => `${JSON.stringify(read.ok ? read.body : null)}\n`);
  const bytes = Buffer.from(lines.join(''));
  const input = { key: batchInputKey(batchId, fingerprintOf(body)), sizeBytes: bytes.byteLength };
  await deps.objects.put(input.key, bytes, 'application/x-ndjson');
  const batch: BatchItem = {
    ...newBatch(batchId, submission, nowMs),
    total: report.total,
    expiresAtMs: report.expiresAtMs,
    status: 'in_progress',
    input,
  };
  const creation = await deps.batches.create(batch);
  if (creation.kind === 'exists') return replay(creation.batch, submission, deps);
  return (await sendWork(batchId, deps)) ? { kind: 'accepted', batch, replayed: false } : UNAVAILABLE;
};

/** Takes a batch in: nothing of it is accepted unless all of it is without fault. */
export const createCreateBatch =
  (deps: BatchDeps) =>
  async (submission: BatchSubmission): Promise<BatchAcceptance> => {
    const { sent, tenant } = submission;
    const key = submission.idempotencyKey ?? sent.idempotencyKey;
    const timed: TimedSubmission = { ...submission, nowMs: deps.clock.nowMs() };
    const batchId =
      key === undefined ? createBatchId(timed.nowMs, deps.randomBytes) : deriveBatchId(tenant, key);
    // What was accepted once stays so, though its deadline may have passed since.
    const existing = key === undefined ? undefined : await deps.batches.read(batchId);
    if (existing !== undefined) return replay(existing, submission, deps);
    const report = await checkBatch(timed, deps);
    const low = sent.content.kind === 'upload' ? lowByDefault(sent.defaults, deps.settings) : report.low;
    const problem = problemOf(submission, report, deps.settings) ?? (await batchBacklog(low, deps));
    if (problem !== undefined) return { kind: 'refused', problem };
    return sent.content.kind === 'upload'
      ? createUploaded(batchId, timed, deps)
      : createInline(batchId, { ...timed, report }, deps);
  };
