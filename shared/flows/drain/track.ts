import { traceOf } from '../../core/trace.ts';
import { drop } from './drop.ts';
import type { Staged } from './held-requests.ts';
import type { Session } from './session.ts';

/** Runs it out of the scheduler's hands, as one in flight. */
export const track = (session: Session, staged: Staged, run: () => Promise<void>): void => {
  session.scheduler.remove(staged);
  staged.phase = 'running';
  session.inFlight += 1;
  session.room.changed.ring();
  void run()
    .catch((error: unknown) => {
      drop(session, staged);
      session.deps.telemetry.log('error', 'request_not_run', {
        ...traceOf(staged.held),
        error: String(error),
      });
    })
    .finally(() => {
      session.inFlight -= 1;
      session.bell.ring();
    });
};
