import { type EndedMember, TALLY_MEMBERS } from '../../contract/batch-item.ts';
import { limit } from '../../contract/limits.ts';
import { tellingOf } from '../../contract/resources.ts';
import { endedIn, membersOf, sumTallies, tallyCount, tallyOf } from '../../core/batch-tally.ts';
import { groupBy } from '../../core/group-by.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { type TellDeps, tellBatchEnd } from '../events/tell-ends.ts';

export interface CountDeps extends TellDeps {
  readonly batches: BatchStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const DAY_SECONDS = 86_400;

/** Only where somebody may be told of it is the batch asked what it says. */
const tellEnd = async (batchId: string, endedAtMs: number, deps: CountDeps): Promise<void> => {
  const { subscribers, callbacks } = tellingOf(deps.settings);
  if (!subscribers && !callbacks) return;
  const batch = await deps.batches.read(batchId);
  if (batch?.status === 'in_progress' || batch?.status === 'canceling')
    await tellBatchEnd(batch, { status: 'ended', endedAtMs }, deps);
};

/** A batch is over once every tally is full: the one that fills the last of them says so. */
export const endIfComplete = async (batchId: string, total: number, deps: CountDeps): Promise<void> => {
  const tallies = await deps.batches.tallies(batchId, tallyCount(total));
  if (endedIn(sumTallies(tallies)) < total) return;
  const nowMs = deps.clock.nowMs();
  await tellEnd(batchId, nowMs, deps);
  await deps.batches.change(batchId, ['in_progress', 'canceling'], {
    status: 'ended',
    endedAtMs: nowMs,
    ttlSeconds: Math.floor(nowMs / 1000) + limit('result_retention_days') * DAY_SECONDS,
  });
};

/** Tallies live on until the last of their batch may have ended and been asked for. */
const tallyTtlSeconds = (nowMs: number): number =>
  Math.floor(nowMs / 1000) + 2 * limit('max_age_seconds') + limit('result_retention_days') * DAY_SECONDS;

const countStretch = async (members: readonly EndedMember[], deps: CountDeps): Promise<boolean> => {
  const batch = members[0]?.batch;
  if (batch === undefined) return true;
  const { id: batchId, total } = batch;
  const tally = tallyOf(batch.index);
  try {
    const counted = await deps.batches.count(
      { batchId, tally },
      members,
      tallyTtlSeconds(deps.clock.nowMs()),
    );
    if (endedIn(counted) === membersOf(tally, total)) await endIfComplete(batchId, total, deps);
    return true;
  } catch (error) {
    deps.telemetry.log('error', 'batch_not_counted', { batch_id: batchId, error: String(error) });
    return false;
  }
};

/**
 * Counts members of batches whose end is written down, each once however often it is told: one write for a flush
 * and a stretch of `TALLY_MEMBERS`. To be called after the state items are written and before the lane messages
 * are deleted, and again for every lane message that meets a member that has ended: whoever wrote that end may
 * have died before it counted it. Answers with the members that could not be counted; their lane messages must
 * stay, so that they come again.
 */
export const countEndedMembers = async (
  members: readonly EndedMember[],
  deps: CountDeps,
): Promise<ReadonlySet<EndedMember>> => {
  const stretches = groupBy(members, ({ batch }) => `${batch.id}#${Math.floor(batch.index / TALLY_MEMBERS)}`);
  const uncounted = await Promise.all(
    [...stretches.values()].map(async (stretch) => ((await countStretch(stretch, deps)) ? [] : stretch)),
  );
  return new Set(uncounted.flat());
};
