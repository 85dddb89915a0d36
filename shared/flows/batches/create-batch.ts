import type { BatchUpload } from '../../contract/batch.ts';
import type { BatchItem } from '../../contract/batch-item.ts';
import { batchInputKey, uploadKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import type { BatchWork } from '../../contract/messages.ts';
import { QUEUES } from '../../contract/names.ts';
import { createProblem, type Fault, type Problem } from '../../contract/problem.ts';
import { createBatchCheck, toBatchProblem } from '../../core/batch-check.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import type { SentBatch } from '../../core/parse-batch.ts';
import { createBatchId, deriveBatchId } from '../../core/request-id.ts';
import type { BatchDeps } from './batch-deps.ts';

export interface BatchSubmission {
  readonly sent: SentBatch;
  readonly tenant: string;
  /** From the header. */
  readonly idempotencyKey?: string;
}

export type BatchAcceptance =
  | {
      readonly kind: 'accepted';
      readonly batch: BatchItem;
      readonly replayed: boolean;
      readonly upload?: BatchUpload;
    }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** All times of a batch count from this one. */
interface TimedSubmission extends BatchSubmission {
  readonly nowMs: number;
}

interface Checked {
  readonly total: number;
  readonly expiresAtMs: number;
}

const UNAVAILABLE: BatchAcceptance = {
  kind: 'refused',
  problem: createProblem('temporarily_unavailable'),
};

const DAY_SECONDS = 86_400;

/** A batch that nobody begins with goes by itself: its message lives for a week at most. */
export const UNBEGUN_SECONDS = 8 * DAY_SECONDS;

const keyFaults = ({ sent, idempotencyKey: key }: BatchSubmission): readonly Fault[] => {
  const longest = limit('idempotency_key_characters');
  const pointer = '/idempotency_key';
  if (key !== undefined && [...key].length > longest)
    return [
      {
        pointer,
        code: 'out_of_range',
        detail: `in the header \`Idempotency-Key\` must be at most ${longest} characters`,
      },
    ];
  return key !== undefined && sent.idempotencyKey !== undefined && sent.idempotencyKey !== key
    ? [{ pointer, code: 'conflicting_fields', detail: 'differs from the header `Idempotency-Key`; keep one' }]
    : [];
};

/** Hands a batch to the splitter. Whether it was taken. */
export const sendWork = async (batchId: string, deps: Pick<BatchDeps, 'queues'>): Promise<boolean> => {
  const work: BatchWork = { batch_id: batchId };
  return (await deps.queues.send(QUEUES.batches, [{ body: JSON.stringify(work) }])).size === 0;
};

/** The URL for an upload: made anew for each that asks, since it ends sooner than the batch does. */
export const allowUpload = async (
  batchId: string,
  sizeBytes: number | undefined,
  deps: Pick<BatchDeps, 'uploads' | 'clock'>,
): Promise<BatchUpload> => {
  const expiresInSeconds = limit('upload_url_seconds');
  const expiresAtMs = deps.clock.nowMs() + expiresInSeconds * 1000;
  const { url, headers } = await deps.uploads.allowPut(uploadKey(batchId), {
    expiresInSeconds,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  });
  return {
    method: 'PUT',
    url,
    headers: { ...headers },
    max_bytes: sizeBytes ?? limit('batch_upload_bytes'),
    expires_at: new Date(expiresAtMs).toISOString(),
  };
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
  const untilMs = nowMs + limit('upload_start_seconds') * 1000;
  const batch: BatchItem = {
    ...newBatch(batchId, submission, nowMs),
    status: 'awaiting_upload',
    expiresAtMs: untilMs,
    input: { key: batchInputKey(batchId, fingerprintOf(sent.body)), sizeBytes: 0 },
    total: 0,
    ttlSeconds: Math.floor(untilMs / 1000),
  };
  const creation = await deps.batches.create(batch);
  if (creation.kind === 'exists') return replay(creation.batch, submission, deps);
  const upload = await allowUpload(batchId, sent.content.sizeBytes, deps);
  return { kind: 'accepted', batch, replayed: false, upload };
};

/** The requests first, then the batch, then the message: each is of no effect without the one after it. */
const createInline = async (
  batchId: string,
  { nowMs, checked, ...submission }: TimedSubmission & { readonly checked: Checked },
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
    ...checked,
    status: 'in_progress',
    input,
  };
  const creation = await deps.batches.create(batch);
  if (creation.kind === 'exists') return replay(creation.batch, submission, deps);
  return (await sendWork(batchId, deps)) ? { kind: 'accepted', batch, replayed: false } : UNAVAILABLE;
};

const refusalOf = (
  submission: TimedSubmission,
  deps: BatchDeps,
): Checked & { readonly problem?: Problem } => {
  const { sent, tenant, nowMs } = submission;
  const context = { settings: deps.settings, nowMs, provenTenant: tenant };
  const check = createBatchCheck(sent.defaults, context);
  const { content } = sent;
  if (content.kind === 'members') for (const member of content.members) check.add(member);
  const report = check.report();
  const own = [...sent.faults, ...keyFaults(submission)];
  const problem =
    content.kind === 'members'
      ? toBatchProblem(report, content.pointer, own)
      : toBatchProblem({ ...report, total: 1 }, '', own);
  return {
    total: report.total,
    expiresAtMs: report.expiresAtMs,
    ...(problem === undefined ? {} : { problem }),
  };
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
    const { problem, ...checked } = refusalOf(timed, deps);
    if (problem !== undefined) return { kind: 'refused', problem };
    return sent.content.kind === 'upload'
      ? createUploaded(batchId, timed, deps)
      : createInline(batchId, { ...timed, checked }, deps);
  };
