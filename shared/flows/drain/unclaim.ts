import { closeAttempt, faultsAfter } from '../../core/decide-claim.ts';
import { traceOf } from '../../core/trace.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** Back to `queued`: no call of this drain's is alive. It may be claimed again before that is written. */
export const unclaim = async (session: Session, staged: Staged): Promise<void> => {
  if (!staged.claimed) return;
  const { requests, telemetry } = session.deps;
  const { claims } = staged;
  const attemptLog = closeAttempt(staged.attemptLog, staged.ownOutcome ?? 'outcome_unknown');
  try {
    await requests.putBack(staged.id, session.keeper.epoch, {
      claims,
      attempts: staged.attempts,
      serviceFaults: faultsAfter(staged.serviceFaults, staged.ownOutcome),
      attemptLog,
    });
    if (staged.claims === claims) staged.claimed = false;
  } catch (error) {
    // It stays ours until its epoch has ended; then whoever meets it may claim it.
    telemetry.log('warn', 'request_not_put_back', { ...traceOf(staged.held), error: String(error) });
  }
};
