import type { Receipt } from '../../ports/queues.ts';
import { drop } from './drop.ts';
import { isWaiting } from './held-requests.ts';
import type { Session } from './session.ts';
import { unclaim } from './unclaim.ts';

/** Gives lane messages back after so long. Without it they come back all the same, when their visibility ends. */
export const showAgain = async (
  { deps }: Session,
  receipts: readonly Receipt[],
  afterSeconds: number,
): Promise<void> => {
  if (receipts.length === 0) return;
  try {
    await deps.queues.setVisibility(receipts, afterSeconds);
  } catch (error) {
    deps.telemetry.log('warn', 'messages_not_put_back', { messages: receipts.length, error: String(error) });
  }
};

/** Gives back to the lanes whatever waits for its turn or for another attempt; nothing of it has a call alive. */
export const putBackWaiting = async (session: Session): Promise<void> => {
  session.scheduler.drain();
  const waiting = [...session.held.values()].filter(isWaiting);
  for (const staged of waiting) drop(session, staged);
  await Promise.all(waiting.map((staged) => unclaim(session, staged)));
  await showAgain(
    session,
    waiting.flatMap(({ receipts }) => receipts),
    0,
  );
};
