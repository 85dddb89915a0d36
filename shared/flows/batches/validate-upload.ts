import type { BatchItem } from '../../contract/batch-item.ts';
import { batchInputKey, uploadKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { createProblem, type Problem } from '../../contract/problem.ts';
import { type BatchReport, createBatchCheck, toBatchProblem } from '../../core/batch-check.ts';
import { uploadProblem } from '../../core/upload-problem.ts';
import { tellBatchEnd } from '../events/tell-ends.ts';
import { readMembers } from './read-lines.ts';
import type { IsTimeShort, SplitDeps } from './split-deps.ts';

const DAY_SECONDS = 86_400;
/** Checked in one turn; then others get theirs, where several functions share a process. */
const TURN_LINES = 250;

export type ValidationOutcome = 'validated' | 'no_time';

const COPY_NAME_BYTES = 16;

/**
 * Whoever has the URL could write again while it is read: what is read is a copy of our own. Each delivery takes
 * another, and the one that accepts the batch names its own: a slow one can not write over what was accepted. The
 * bucket lets go of the others in time.
 */
const takeCopy = async (
  { batchId }: BatchItem,
  deps: SplitDeps,
): Promise<{ readonly key: string; readonly sizeBytes: number | undefined }> => {
  const name = Buffer.from(deps.randomBytes(COPY_NAME_BYTES)).toString('hex');
  const key = batchInputKey(batchId, name);
  const isCopied = await deps.objects.copy(uploadKey(batchId), key);
  return { key, sizeBytes: isCopied ? await deps.objects.sizeOf(key) : undefined };
};

const checkLines = async (
  batch: BatchItem,
  isTimeShort: IsTimeShort,
  deps: SplitDeps,
): Promise<BatchReport | undefined> => {
  const context = { settings: deps.settings, nowMs: batch.acceptedAtMs, provenTenant: batch.tenant };
  const check = createBatchCheck(batch.defaults, context);
  for await (const member of readMembers(batch.input, batch.cursor, deps.objects)) {
    check.add(member);
    if (member.index % TURN_LINES !== TURN_LINES - 1) continue;
    if (isTimeShort()) return undefined;
    await deps.clock.sleep(0);
  }
  return check.report();
};

const fail = async (batch: BatchItem, problem: Problem, deps: SplitDeps): Promise<ValidationOutcome> => {
  const nowMs = deps.clock.nowMs();
  await tellBatchEnd(batch, { status: 'failed', endedAtMs: nowMs }, deps);
  await deps.batches.change(batch.batchId, ['validating'], {
    status: 'failed',
    problem,
    endedAtMs: nowMs,
    ttlSeconds: Math.floor(nowMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
  });
  deps.telemetry.log('info', 'batch_refused', { batch_id: batch.batchId, detail: problem.detail });
  return 'validated';
};

/**
 * Checks every line of an upload before any of it is accepted, and writes down what became of it, unless that is
 * written already. Begun anew from the start when it is interrupted.
 */
export const validateUpload = async (
  batch: BatchItem,
  isTimeShort: IsTimeShort,
  deps: SplitDeps,
): Promise<ValidationOutcome> => {
  const { key, sizeBytes } = await takeCopy(batch, deps);
  const misfit = uploadProblem(sizeBytes, batch.announcedBytes);
  if (misfit !== undefined || sizeBytes === undefined)
    return fail(batch, misfit ?? createProblem('upload_missing'), deps);
  const input = { key, sizeBytes };
  const report = await checkLines({ ...batch, input }, isTimeShort, deps);
  if (report === undefined) return 'no_time';
  const problem = toBatchProblem(report, '');
  if (problem !== undefined) return fail(batch, problem, deps);
  await deps.batches.change(batch.batchId, ['validating'], {
    status: 'in_progress',
    input,
    total: report.total,
    expiresAtMs: report.expiresAtMs,
    ttlSeconds: null,
  });
  return 'validated';
};
