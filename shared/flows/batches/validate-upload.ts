import type { BatchItem } from '../../contract/batch-item.ts';
import { uploadKey } from '../../contract/keys.ts';
import { limit } from '../../contract/limits.ts';
import { createProblem, type Problem } from '../../contract/problem.ts';
import { type BatchReport, createBatchCheck, toBatchProblem } from '../../core/batch-check.ts';
import { readMembers } from './read-lines.ts';
import type { IsTimeShort, SplitDeps } from './split-deps.ts';

const DAY_SECONDS = 86_400;
/** Checked in one turn; then others get theirs, where several functions share a process. */
const TURN_LINES = 250;

export type ValidationOutcome =
  | { readonly kind: 'accepted'; readonly batch: BatchItem }
  /** It failed, or was canceled meanwhile: nothing is left to do. */
  | { readonly kind: 'over' }
  | { readonly kind: 'no_time' };

/** Whoever has the URL could write again while it is read: what is read is a copy of our own. */
const takeCopy = async (batch: BatchItem, deps: SplitDeps): Promise<number | undefined> => {
  const copied = await deps.objects.copy(uploadKey(batch.batchId), batch.input.key);
  return copied ? deps.objects.sizeOf(batch.input.key) : undefined;
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
  await deps.batches.change(batch.batchId, ['validating'], {
    status: 'failed',
    problem,
    endedAtMs: nowMs,
    ttlSeconds: Math.floor(nowMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
  });
  deps.telemetry.log('info', 'batch_refused', { batch_id: batch.batchId, detail: problem.detail });
  return { kind: 'over' };
};

/** Checks every line of an upload before any of it is accepted. Begun anew from the start when it is interrupted. */
export const validateUpload = async (
  batch: BatchItem,
  isTimeShort: IsTimeShort,
  deps: SplitDeps,
): Promise<ValidationOutcome> => {
  const sizeBytes = await takeCopy(batch, deps);
  if (sizeBytes === undefined) return fail(batch, createProblem('upload_missing'), deps);
  const most = limit('batch_upload_bytes');
  if (sizeBytes > most)
    return fail(
      batch,
      createProblem('request_too_large', {
        detail: `The upload has ${sizeBytes} bytes; at most ${most} are allowed.`,
      }),
      deps,
    );
  const input = { ...batch.input, sizeBytes };
  const report = await checkLines({ ...batch, input }, isTimeShort, deps);
  if (report === undefined) return { kind: 'no_time' };
  const problem = toBatchProblem(report, '');
  if (problem !== undefined) return fail(batch, problem, deps);
  const accepted = await deps.batches.change(batch.batchId, ['validating'], {
    status: 'in_progress',
    input,
    total: report.total,
    expiresAtMs: report.expiresAtMs,
    ttlSeconds: null,
  });
  return accepted === undefined ? { kind: 'over' } : { kind: 'accepted', batch: accepted };
};
