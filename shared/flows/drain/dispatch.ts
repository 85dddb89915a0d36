import { fitsBeforeEnd } from '../../core/attempt-window.ts';
import type { Staged } from './held-requests.ts';
import { showAgain, unclaim } from './put-back.ts';
import { runRequest } from './run-request.ts';
import { type Session, toPlannedCall } from './session.ts';

/** Ours to look at again, should no successor come. */
const LEAVE_SECONDS = 15;
/** Longest nap: a lease that ends and a stop are noticed by then. */
const NAP_MS = 250;

const start = (session: Session, staged: Staged, nowMs: number): void => {
  const sent = session.governor.sent(toPlannedCall(staged), nowMs);
  session.scheduler.remove(staged);
  staged.phase = 'running';
  session.inFlight += 1;
  void runRequest(session, staged, sent)
    .catch((error: unknown) => {
      session.held.delete(staged.id);
      session.deps.telemetry.log('error', 'request_not_run', { request_id: staged.id, error: String(error) });
    })
    .finally(() => {
      session.inFlight -= 1;
      session.bell.ring();
    });
};

/** Left for the successor, and hidden until it can be there: this drain would end before the answer. */
const leave = async (session: Session, staged: Staged): Promise<void> => {
  session.wantsSuccessor = true;
  session.scheduler.remove(staged);
  session.held.delete(staged.id);
  await unclaim(session, staged);
  await showAgain(session, staged.receipts, LEAVE_SECONDS);
};

const step = async (session: Session): Promise<void> => {
  const { clock } = session.deps;
  const nowMs = clock.nowMs();
  const next = session.scheduler.peek(nowMs);
  if (next === undefined || !session.keeper.mayClaim()) return session.bell.wait(NAP_MS);
  const call = { maxTokens: next.held.max_tokens, tokensPerSecond: session.pool.tokens_per_second };
  if (!fitsBeforeEnd(call, session.functionEndsAtMs - nowMs)) return leave(session, next);
  const permission = session.governor.mayGo(toPlannedCall(next), nowMs);
  if (!permission.go) return session.bell.wait(Math.min(NAP_MS, permission.waitMs));
  start(session, next, nowMs);
};

/** Sends whatever is next as soon as the governor lets it go, until told to stop. */
export const dispatch = async (session: Session, stopped: () => boolean): Promise<void> => {
  while (!stopped()) await step(session);
};
