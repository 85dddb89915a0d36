import { closeAttempt } from '../../core/decide-claim.ts';
import type { Ending } from '../../core/to-result.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** It has ended: what is left is to write that down. */
export const endRequest = (session: Session, staged: Staged, ending: Ending, calledAtMs?: number): void => {
  const finishedAtMs = session.deps.clock.nowMs();
  const { attempts, target } = staged;
  if (staged.ownOutcome !== undefined) staged.attemptLog = closeAttempt(staged.attemptLog, staged.ownOutcome);
  staged.phase = 'settling';
  session.settler.add({
    staged,
    epoch: session.keeper.epoch,
    ended: {
      ending,
      attempts,
      finishedAtMs,
      ...(calledAtMs === undefined ? {} : { calledAtMs }),
      ...(target === undefined ? {} : { target }),
    },
  });
};

export const CANCELED: Ending = { status: 'canceled', code: 'canceled' };

/** Canceled while it is ours, and no call of it is alive. */
export const endBetweenAttempts = (session: Session, staged: Staged): void => {
  session.scheduler.remove(staged);
  session.scheduler.settled(staged, 0);
  endRequest(session, staged, CANCELED);
};
