import type { Problem } from '../../contract/problem.ts';
import { type BatchReport, createBatchCheck, toBatchProblem } from '../../core/batch-check.ts';
import { callbackFaults } from '../../core/envelope-rules.ts';
import { headerKeyFaults } from '../../core/header-key-faults.ts';
import type { SentBatch } from '../../core/parse-batch.ts';
import type { BatchDeps } from './batch-deps.ts';

export interface BatchSubmission {
  readonly sent: SentBatch;
  readonly tenant: string;
  /** From the header. */
  readonly idempotencyKey?: string;
}

/** All times of a batch count from this one. */
export interface TimedSubmission extends BatchSubmission {
  readonly nowMs: number;
}

/** Checked in one turn; then others get theirs, where several functions share a process. */
const TURN_MEMBERS = 250;

export const checkBatch = async (submission: TimedSubmission, deps: BatchDeps): Promise<BatchReport> => {
  const { sent, tenant, nowMs } = submission;
  const context = { settings: deps.settings, nowMs, provenTenant: tenant };
  const checking = createBatchCheck(sent.defaults, context);
  const members = sent.content.kind === 'members' ? sent.content.members : [];
  for (const member of members) {
    checking.add(member);
    if (member.index % TURN_MEMBERS === TURN_MEMBERS - 1) await deps.clock.sleep(0);
  }
  return checking.report();
};

export const problemOf = (
  { sent, idempotencyKey }: BatchSubmission,
  report: BatchReport,
  settings: BatchDeps['settings'],
): Problem | undefined => {
  const { content, faults } = sent;
  const own = [
    ...faults,
    ...headerKeyFaults(idempotencyKey, sent.idempotencyKey),
    ...callbackFaults(sent.callbackUrl, settings),
  ];
  return content.kind === 'members'
    ? toBatchProblem(report, content.pointer, own)
    : toBatchProblem({ ...report, total: 1 }, '', own);
};
