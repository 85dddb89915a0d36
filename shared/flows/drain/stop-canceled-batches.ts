import { groupBy } from '../../core/group-by.ts';
import { endWaitingMember, isOfCanceledBatch } from './cancel-members.ts';
import { CANCELED, endRequest } from './end-request.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** Reads at a time: a batch of a thousand must not keep the beats of the lease waiting for a connection. */
const AT_ONCE = 20;

const membersInHand = ({ held }: Session): readonly Staged[] =>
  [...held.values()].filter(({ held: { batch }, phase }) => batch !== undefined && phase !== 'settling');

/** A call is given up, unless it is answered first; what is being claimed finds out by itself before its call. */
const stopClaimed = (session: Session, staged: Staged): void => {
  const call = session.calls.get(staged.id);
  if (call !== undefined) call.abort();
  else if (staged.phase === 'waiting' || staged.phase === 'backing_off') {
    session.scheduler.remove(staged);
    session.scheduler.settled(staged, 0);
    endRequest(session, staged, CANCELED);
  }
};

const stopAll = async (session: Session, members: readonly Staged[]): Promise<void> => {
  const waiting: Staged[] = [];
  for (const staged of members) {
    if (staged.claimed) stopClaimed(session, staged);
    else if (staged.phase === 'waiting') waiting.push(staged);
  }
  while (waiting.length > 0)
    await Promise.all(waiting.splice(0, AT_ONCE).map((staged) => endWaitingMember(session, staged)));
};

/**
 * Ends what is in hand of batches that were canceled: their calls, and what waits for its turn, so that it stands in
 * nobody's way until the governor has let it go. To be called with each heartbeat: one read for a batch, however many of
 * its requests there are, and one for each that waits.
 */
export const stopCanceledBatches = async (session: Session): Promise<void> => {
  if (session.isStoppingBatches) return;
  session.isStoppingBatches = true;
  try {
    const batches = groupBy(membersInHand(session), ({ held }) => held.batch?.id ?? '');
    await Promise.all(
      [...batches.values()].map(async (members) => {
        const [first] = members;
        if (first !== undefined && (await isOfCanceledBatch(session, first.held)))
          await stopAll(session, members);
      }),
    );
  } finally {
    session.isStoppingBatches = false;
  }
};
