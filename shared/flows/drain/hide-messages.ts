import { EXTEND_EVERY_MS, HIDE_SECONDS } from './drain-timing.ts';
import type { Session } from './session.ts';

/** Keeps the lane messages in hand hidden from others while they wait, run and are settled. */
export const hideMessages = async (session: Session, signal: AbortSignal): Promise<void> => {
  const { clock, queues, telemetry } = session.deps;
  while (!signal.aborted) {
    await clock.sleep(EXTEND_EVERY_MS / 4, signal);
    const nowMs = clock.monotonicMs();
    const due = [...session.held.values()].filter(({ hiddenAtMs }) => nowMs - hiddenAtMs >= EXTEND_EVERY_MS);
    for (const staged of due) staged.hiddenAtMs = nowMs;
    try {
      await queues.setVisibility(
        due.flatMap(({ receipts }) => receipts),
        HIDE_SECONDS,
      );
    } catch (error) {
      // They may come again elsewhere: the claim tells that they are busy.
      telemetry.log('warn', 'messages_not_hidden', { messages: due.length, error: String(error) });
    }
  }
};
