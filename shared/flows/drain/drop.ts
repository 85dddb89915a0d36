import { traceOf } from '../../core/trace.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** Out of this drain's hands: ended, or given back. */
export const drop = (session: Session, staged: Staged): void => {
  const { deps, held, poolName, keeper } = session;
  held.delete(staged.id);
  if (session.suspect !== staged) return;
  session.suspect = undefined;
  void deps.board.suspect(poolName, keeper.epoch, undefined).catch((error: unknown) => {
    // At worst a crash of others is not counted.
    deps.telemetry.log('warn', 'suspect_not_cleared', { ...traceOf(staged.held), error: String(error) });
  });
};

/** Gives its lane messages back after so long. */
export const letGo = async (session: Session, staged: Staged, afterSeconds: number): Promise<void> => {
  drop(session, staged);
  await session.deps.queues.setVisibility(staged.receipts, afterSeconds);
};
