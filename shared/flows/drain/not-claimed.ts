import { createProblem } from '../../contract/problem.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { REOPENABLE_CODES } from '../../core/dead-letter.ts';
import { closeAttempt } from '../../core/decide-claim.ts';
import type { Ending } from '../../core/to-result.ts';
import { traceOf } from '../../core/trace.ts';
import type { ClaimOutcome } from '../../ports/request-store.ts';
import { keepDeadLetters } from '../dead-letters/keep-dead-letters.ts';
import { drop, letGo } from './drop.ts';
import { endRequest } from './end-request.ts';
import { healLedger } from './heal-ledger.ts';
import type { Staged } from './held-requests.ts';
import { repeatNotification } from './repeat-notification.ts';
import type { Session } from './session.ts';
import { holdSuspect } from './suspects.ts';

/** A busy request is looked at again after this long at most; its lane message lives on. */
const MOST_BUSY_SECONDS = 60;
/** Whatever of its end may not have got through: the notification, and the dead letter. */
const repeatEnd = async (
  { deps, poolName }: Session,
  staged: Staged,
  item: RequestItem,
): Promise<boolean> => {
  await healLedger(item, deps);
  const told = await repeatNotification(item, staged.held.metadata, deps);
  if (!told || item.errorCode === undefined || !REOPENABLE_CODES.has(item.errorCode)) return told;
  const error = createProblem(item.errorCode, { requestId: item.requestId });
  const letter = { held: staged.held, error, attempts: item.attempts, history: item.attemptLog };
  return (await keepDeadLetters(poolName, [letter], deps)).size === 0;
};

/** Ends it with what the store knows of its attempts. */
const endAs = (session: Session, staged: Staged, item: RequestItem, ending: Ending): void => {
  // Of this drain's own attempt the store knows neither how it ended nor whether it counts.
  const { attempts, attemptLog } = staged.claimed ? staged : item;
  staged.attempts = attempts;
  staged.attemptLog = closeAttempt(attemptLog, staged.ownOutcome ?? 'outcome_unknown');
  endRequest(session, staged, ending);
};

/** What becomes of a request that may not be run now, or not at all. */
export const notClaimed = async (
  session: Session,
  staged: Staged,
  outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>,
): Promise<void> => {
  const { deps } = session;
  session.scheduler.settled(staged, 0);
  switch (outcome.kind) {
    case 'expired':
      return endAs(session, staged, outcome.item, { status: 'expired', code: 'deadline_passed' });
    case 'condemned':
      deps.telemetry.log('error', 'request_ends_drains', {
        ...traceOf(staged.held),
        pool: session.poolName,
      });
      return endAs(session, staged, outcome.item, { status: 'failed', code: 'crashed_drain' });
    case 'suspect':
      return holdSuspect(session, staged) ? undefined : letGo(session, staged, MOST_BUSY_SECONDS);
    case 'finished':
      if (!(await repeatEnd(session, staged, outcome.item))) return letGo(session, staged, 0);
      drop(session, staged);
      return deps.queues.remove(staged.receipts);
    case 'superseded':
      drop(session, staged);
      return deps.queues.remove(staged.receipts);
    case 'busy': {
      const seconds = Math.ceil((outcome.untilMs - deps.clock.nowMs()) / 1000);
      return letGo(session, staged, Math.min(MOST_BUSY_SECONDS, Math.max(1, seconds)));
    }
    case 'missing':
      deps.telemetry.log('warn', 'request_without_state', {
        ...traceOf(staged.held),
        pool: session.poolName,
      });
      drop(session, staged);
      return deps.queues.remove(staged.receipts);
  }
};
