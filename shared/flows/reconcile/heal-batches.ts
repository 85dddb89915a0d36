import type { BatchItem, EndedMember } from '../../contract/batch-item.ts';
import { QUEUES } from '../../contract/names.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { isTerminal } from '../../contract/statuses.ts';
import { tallyCount } from '../../core/batch-tally.ts';
import { GRACE_MS } from '../../core/reconcile/judge-request.ts';
import { uncountedIn } from '../../core/reconcile/uncounted-members.ts';
import { deriveRequestId } from '../../core/request-id.ts';
import { countEndedMembers, endIfComplete } from '../batches/count-members.ts';
import { sendWork } from '../batches/send-work.ts';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { reportHealed } from './report-damage.ts';

/** Members of one batch that are looked at in one round: a batch with more of them left is still at work. */
const MOST_MEMBERS = 1000;

/** Whoever splits holds a message, or has sent himself one for later. */
const splitAgain = async ({ batchId, tenant }: BatchItem, deps: ReconcileDeps): Promise<void> => {
  if ((await deps.queues.depth(QUEUES.batches, 'all')) > 0) return;
  if (await sendWork(batchId, deps))
    reportHealed(deps.telemetry, 'batch_not_split', { batch_id: batchId, tenant });
};

const uncountedOf = async (
  { batchId, total }: BatchItem,
  deps: ReconcileDeps,
): Promise<readonly number[]> => {
  const uncounted: number[] = [];
  for (let tally = 0; tally < tallyCount(total); tally++)
    uncounted.push(...uncountedIn(await deps.batches.tally({ batchId, tally }), { tally, total }));
  return uncounted;
};

/** Of many others than last time: some of them may be beyond help. */
const choose = (uncounted: readonly number[], random: () => number): readonly number[] => {
  const first = Math.floor(random() * Math.max(0, uncounted.length - MOST_MEMBERS + 1));
  return uncounted.slice(first, first + MOST_MEMBERS);
};

/** Those that have ended so long ago that whoever ended them has certainly died before he counted them. */
const toEndedMember = (item: RequestItem, nowMs: number): readonly EndedMember[] => {
  const { batch, generation, status, usage = null, costUsd = null, finishedAtMs = nowMs } = item;
  return batch !== undefined && isTerminal(status) && finishedAtMs + GRACE_MS <= nowMs
    ? [{ batch, generation, status, usage, costUsd }]
    : [];
};

const countLost = async (batch: BatchItem, deps: ReconcileDeps): Promise<void> => {
  const { batchId, total, expiresAtMs } = batch;
  const nowMs = deps.clock.nowMs();
  const uncounted = await uncountedOf(batch, deps);
  if (uncounted.length > MOST_MEMBERS && expiresAtMs + GRACE_MS > nowMs) return;
  const ids = choose(uncounted, deps.random).map((index) =>
    deriveRequestId({ kind: 'member', batchId, index }),
  );
  const items = await deps.requestReader.readMany(ids);
  const ended = [...items.values()].flatMap((item) => toEndedMember(item, nowMs));
  const failed = await countEndedMembers(ended, deps);
  const healed = ended.length - failed.size;
  if (healed > 0)
    reportHealed(deps.telemetry, 'batch_miscounted', { batch_id: batchId, members: healed }, healed);
  if (uncounted.length > 0) return;
  await endIfComplete(batchId, total, deps);
  reportHealed(deps.telemetry, 'batch_miscounted', { batch_id: batchId, members: 0 });
};

/** A batch that is not over, long after it was accepted: brought forward where nobody else will. */
export const healBatch = async ({ batchId }: BatchItem, deps: ReconcileDeps): Promise<void> => {
  const batch = await deps.batches.read(batchId);
  if (batch?.status === 'validating') return splitAgain(batch, deps);
  if (batch?.status !== 'in_progress' && batch?.status !== 'canceling') return;
  return batch.cursor.index < batch.total ? splitAgain(batch, deps) : countLost(batch, deps);
};
