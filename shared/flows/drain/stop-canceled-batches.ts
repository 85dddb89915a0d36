import { groupBy } from '../../core/group-by.ts';
import { isOfCanceledBatch } from './cancel-members.ts';
import { endWaitingMembers } from './end-waiting-members.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** Of batches that only wait those with the most in hand are asked for; of others before each call, as ever. */
const MOST_WAITING_BATCHES = 50;

interface InHand {
  readonly batchId: string;
  readonly members: readonly Staged[];
}

const batchesInHand = ({ calls, held }: Session): readonly InHand[] => {
  const members = [...held.values()].filter(({ phase }) => phase !== 'settling');
  const batches = [...groupBy(members, ({ held: { batch } }) => batch?.id)].flatMap(([batchId, all]) =>
    batchId === undefined ? [] : [{ batchId, members: all }],
  );
  const isCalled = (batch: InHand): boolean => batch.members.some(({ id }) => calls.has(id));
  const waiting = batches.filter((batch) => !isCalled(batch));
  return [
    ...batches.filter(isCalled),
    ...waiting
      .toSorted((left, right) => right.members.length - left.members.length)
      .slice(0, MOST_WAITING_BATCHES),
  ];
};

/**
 * Gives up the calls of batches that were canceled, unless they are answered first, and ends what waits of them. To be
 * called with each heartbeat: one read for a batch, however many of its requests are in hand.
 */
export const stopCanceledBatches = async (session: Session): Promise<void> => {
  const canceled = new Set<string>();
  await Promise.all(
    batchesInHand(session).map(async ({ batchId, members }) => {
      const [first] = members;
      if (first === undefined || !(await isOfCanceledBatch(session, first.held))) return;
      canceled.add(batchId);
      for (const { id } of members) session.calls.get(id)?.abort();
    }),
  );
  if (canceled.size > 0) await endWaitingMembers(session, canceled);
};
