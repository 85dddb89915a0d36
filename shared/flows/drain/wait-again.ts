import { TELL_WAITING_AFTER_MS } from './drain-timing.ts';
import type { Staged } from './held-requests.ts';
import { type Session, toPlannedCall } from './session.ts';
import { acquit } from './suspects.ts';
import { unclaim } from './unclaim.ts';

const isWaiting = (session: Session, staged: Staged): boolean =>
  session.held.get(staged.id) === staged && staged.phase === 'backing_off';

const comesLate = (session: Session, staged: Staged, pauseMs: number): boolean => {
  if (pauseMs >= TELL_WAITING_AFTER_MS) return true;
  const permission = session.governor.mayGo(toPlannedCall(staged), session.deps.clock.nowMs());
  return !permission.go && permission.waitMs >= TELL_WAITING_AFTER_MS;
};

/**
 * An attempt is over, and another is to come: after a pause, and ahead of its class, since it has waited its turn. The
 * store is told when that is not at once: a drain that dies meanwhile dies of something else.
 */
export const waitAgain = async (session: Session, staged: Staged, pauseMs = 0): Promise<void> => {
  const { clock } = session.deps;
  staged.phase = 'backing_off';
  staged.waitsSinceMs = clock.monotonicMs();
  if (session.suspect === staged) await acquit(session, staged);
  else if (comesLate(session, staged, pauseMs)) void unclaim(session, staged);
  if (pauseMs > 0) await clock.sleep(pauseMs);
  // The drain may have handed over meanwhile, and put this back; or it was canceled.
  if (!isWaiting(session, staged)) return;
  staged.phase = 'waiting';
  session.scheduler.putBack(staged, clock.nowMs());
  session.bell.ring();
};

/** Tells the store of those that have come to wait longer than anybody could know. */
export const tellWaiting = async (session: Session, signal: AbortSignal): Promise<void> => {
  const { clock } = session.deps;
  while (!signal.aborted) {
    await clock.sleep(TELL_WAITING_AFTER_MS / 5, signal);
    const sinceMs = clock.monotonicMs() - TELL_WAITING_AFTER_MS;
    const late = [...session.held.values()].filter(
      ({ claimed, phase, waitsSinceMs }) =>
        claimed && (phase === 'waiting' || phase === 'backing_off') && waitsSinceMs <= sinceMs,
    );
    await Promise.all(late.map((staged) => unclaim(session, staged)));
  }
};
