import { ABORT_MARGIN_MS, attemptUntilMs } from '../../core/attempt-window.ts';
import type { SentCall } from '../../core/governor/governor.ts';
import { NO_SPEND } from '../../core/limits/spend-limits.ts';
import { modelRequestOf } from '../../core/model-request.ts';
import { traceOf } from '../../core/trace.ts';
import type { ClaimOutcome } from '../../ports/request-store.ts';
import { callModel } from './call-model.ts';
import { isOfCanceledBatch } from './cancel-members.ts';
import { claim, journalled } from './claim-request.ts';
import { letGo } from './drop.ts';
import { CANCELED, endRequest } from './end-request.ts';
import { endWaitingMembers } from './end-waiting-members.ts';
import type { Staged } from './held-requests.ts';
import { notClaimed } from './not-claimed.ts';
import { beginQuestion, endQuestion } from './repeats.ts';
import type { Session } from './session.ts';
import { waitAgain } from './wait-again.ts';

/** Nothing was sent: the attempt is no attempt. */
const takeBack = (staged: Staged): void => {
  staged.attempts -= 1;
  staged.ownOutcome = 'throttled';
};

const notCalled = (session: Session, staged: Staged, sent: SentCall): void => {
  session.spending.came(staged, NO_SPEND);
  endQuestion(session, staged);
  session.governor.released(sent, session.deps.clock.nowMs());
  takeBack(staged);
};

/** The first of a batch that learns of its cancel tells all that wait beside it: they need no turn any more. */
const isCanceled = async (session: Session, { id, held }: Staged): Promise<boolean> => {
  const isMember = await isOfCanceledBatch(session, held);
  if (isMember && held.batch !== undefined) void endWaitingMembers(session, new Set([held.batch.id]));
  return isMember || session.cancels.has(id);
};

/** It is ours, and journalled: now the call, unless there is no time for it, or no wish. */
const proceed = async (session: Session, staged: Staged, sent: SentCall, untilMs: number): Promise<void> => {
  const request = modelRequestOf(staged.held);
  const isUnwanted = await isCanceled(session, staged);
  // Last: the process may have stood still until now.
  const calledAtMs = session.deps.clock.nowMs();
  if (isUnwanted) {
    notCalled(session, staged, sent);
    session.scheduler.settled(staged, 0);
    endRequest(session, staged, CANCELED);
  } else if (staged.denied !== undefined) {
    notCalled(session, staged, sent);
    session.scheduler.settled(staged, 0);
    endRequest(session, staged, { status: 'failed', code: 'budget_spent', detail: staged.denied });
  } else if (request === undefined) {
    notCalled(session, staged, sent);
    session.scheduler.settled(staged, 0);
    endRequest(session, staged, { status: 'failed', code: 'unreadable_request' });
  } else if (untilMs <= calledAtMs) {
    // Its claim is all but over: another may claim soon.
    notCalled(session, staged, sent);
    void waitAgain(session, staged);
  } else await callModel({ session, staged, sent, calledAtMs }, request, untilMs);
};

/** As far as its tenant's means go. If not, it waits for them, or is ended once it is claimed. */
const isAllowed = async (session: Session, staged: Staged, sent: SentCall): Promise<boolean> => {
  const { deps, governor, scheduler, spending } = session;
  try {
    const allowance = await spending.allow(staged, governor.targetOf(sent));
    staged.denied = allowance.kind === 'fail' ? allowance.detail : undefined;
    if (allowance.kind !== 'wait') return true;
    endQuestion(session, staged);
    governor.released(sent, deps.clock.nowMs());
    staged.phase = 'waiting';
    scheduler.putBack(staged, deps.clock.nowMs());
  } catch (error) {
    // It may have been counted: better too much than too little of what somebody pays for.
    governor.released(sent, deps.clock.nowMs());
    deps.telemetry.log('error', 'spend_not_reserved', { ...traceOf(staged.held), error: String(error) });
    await letGo(session, staged, 5);
  }
  return false;
};

/** One attempt at one request: journalled first, then sent, then judged. The governor has let it go already. */
export const runRequest = async (session: Session, staged: Staged, sent: SentCall): Promise<void> => {
  const { deps, governor } = session;
  beginQuestion(session, staged);
  if (!(await isAllowed(session, staged, sent))) return;
  const untilMs = attemptUntilMs(staged.held.max_tokens, deps.clock.nowMs(), session.functionEndsAtMs);
  const target = session.targets.length > 1 ? governor.targetOf(sent).name : undefined;
  let outcome: ClaimOutcome;
  try {
    outcome = await claim(session, staged, { untilMs, ...(target === undefined ? {} : { target }) });
  } catch (error) {
    // Whether the claim was written is unknown: as its owner we may claim again, or another will, later.
    session.spending.came(staged, NO_SPEND);
    governor.released(sent, deps.clock.nowMs());
    deps.telemetry.log('error', 'claim_failed', { ...traceOf(staged.held), error: String(error) });
    return letGo(session, staged, 5);
  }
  if (outcome.kind !== 'claimed') {
    session.spending.came(staged, NO_SPEND);
    endQuestion(session, staged);
    governor.released(sent, deps.clock.nowMs());
    return notClaimed(session, staged, outcome);
  }
  journalled(staged, outcome.item);
  staged.target = target;
  await proceed(session, staged, sent, untilMs - ABORT_MARGIN_MS);
};

/** Its deadline has passed: the claim tells that, or that another has it. */
export const endWithoutCall = async (session: Session, staged: Staged): Promise<void> => {
  const outcome = await claim(session, staged, { untilMs: session.deps.clock.nowMs() });
  if (outcome.kind !== 'claimed') return notClaimed(session, staged, outcome);
  journalled(staged, outcome.item);
  takeBack(staged);
  void waitAgain(session, staged);
};
