import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';
import { endTurn } from './suspects.ts';

/** Out of this drain's hands: ended, or given back. Its tenant is not charged for what was not used up. */
export const drop = (session: Session, staged: Staged): void => {
  session.held.delete(staged.id);
  session.scheduler.settled(staged, 0);
  session.spending.came(staged);
  session.callOver(staged);
  void endTurn(session, staged);
};

/** Gives its lane messages back after so long. */
export const letGo = async (session: Session, staged: Staged, afterSeconds: number): Promise<void> => {
  drop(session, staged);
  await session.deps.queues.setVisibility(staged.receipts, afterSeconds);
};
