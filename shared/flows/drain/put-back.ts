import { closeAttempt } from '../../core/decide-claim.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

const unclaim = async (session: Session, staged: Staged): Promise<void> => {
  if (!staged.claimed) return;
  const attemptLog = closeAttempt(staged.attemptLog, staged.ownOutcome ?? 'outcome_unknown');
  await session.deps.requests.putBack(staged.id, session.keeper.epoch, {
    attempts: staged.attempts,
    attemptLog,
  });
};

/** Gives back to the lanes whatever waits for its turn or for another attempt; nothing of it has a call alive. */
export const putBackWaiting = async (session: Session): Promise<void> => {
  session.scheduler.drain();
  const waiting = [...session.held.values()].filter(({ phase }) => phase === 'waiting');
  for (const staged of waiting) session.held.delete(staged.id);
  await Promise.all(waiting.map((staged) => unclaim(session, staged)));
  await session.deps.queues.setVisibility(
    waiting.flatMap(({ receipts }) => receipts),
    0,
  );
};
