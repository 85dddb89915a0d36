import { generationOf } from '../../contract/request-item.ts';
import { traceOf } from '../../core/trace.ts';
import { endQueued } from './cancel-members.ts';
import { endBetweenAttempts } from './end-request.ts';
import { isWaiting, type Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** Reads at a time: a batch of a thousand must not keep the beats of the lease waiting for a connection. */
const READ_AT_ONCE = 20;
/** Half of what may wait to be written down: answers that were paid for need room, too. */
const MOST_AT_ONCE = 1_000;

const isInHand = (session: Session, staged: Staged): boolean =>
  session.held.get(staged.id) === staged && isWaiting(staged);

/** Whoever ended, or runs elsewhere, is left to its claim, which tells. */
const end = async (session: Session, staged: Staged): Promise<void> => {
  if (staged.claimed) return endBetweenAttempts(session, staged);
  const item = await session.deps.requests.read(staged.id);
  if (item?.status !== 'queued' || generationOf(item) !== generationOf(staged.held)) return;
  // It may have been claimed, or put back, meanwhile.
  if (staged.claimed || !isInHand(session, staged)) return;
  session.scheduler.remove(staged);
  session.scheduler.settled(staged, 0);
  endQueued(session, staged, item);
};

const endSafely = async (session: Session, staged: Staged): Promise<void> => {
  try {
    await end(session, staged);
  } catch (error) {
    // With the next heartbeat again.
    session.deps.telemetry.log('warn', 'cancel_not_read', { ...traceOf(staged.held), error: String(error) });
  }
};

/**
 * Ends what waits in hand of batches that were canceled, out of turn. Of many a thousand at once, and one such round
 * after the other: the rest goes with the next heartbeat.
 */
export const endWaitingMembers = async (session: Session, batchIds: ReadonlySet<string>): Promise<void> => {
  if (session.isEndingMembers) return;
  session.isEndingMembers = true;
  const members = [...session.held.values()]
    .filter((staged) => staged.held.batch !== undefined && batchIds.has(staged.held.batch.id))
    .filter(isWaiting)
    .slice(0, MOST_AT_ONCE);
  for (let from = 0; from < members.length && !session.settler.isFull(); from += READ_AT_ONCE) {
    const together = members.slice(from, from + READ_AT_ONCE).filter((staged) => isInHand(session, staged));
    await Promise.all(together.map((staged) => endSafely(session, staged)));
    session.room.changed.ring();
  }
  session.isEndingMembers = false;
};
