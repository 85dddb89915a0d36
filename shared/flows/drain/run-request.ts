import type { FailureCode } from '../../contract/error-codes.ts';
import { limit } from '../../contract/limits.ts';
import { deadLetterQueue } from '../../contract/names.ts';
import { createProblem } from '../../contract/problem.ts';
import type { RequestItem } from '../../contract/request-item.ts';
import { ABORT_MARGIN_MS, attemptUntilMs } from '../../core/attempt-window.ts';
import { backoffMs, SERVICE_FAULT_BACKOFF } from '../../core/backoff.ts';
import { classifyFault, type ModelFault, type Verdict } from '../../core/classify-fault.ts';
import { toDeadLetter } from '../../core/dead-letter.ts';
import { closeAttempt, faultsAfter } from '../../core/decide-claim.ts';
import type { SentCall } from '../../core/governor/governor.ts';
import type { Ending } from '../../core/to-result.ts';
import { traceOf } from '../../core/trace.ts';
import type { ClaimOutcome } from '../../ports/request-store.ts';
import type { Staged } from './held-requests.ts';
import { repeatNotification } from './repeat-notification.ts';
import type { Session } from './session.ts';

/** A busy request is looked at again after this long at most; its lane message lives on. */
const MOST_BUSY_SECONDS = 60;

const letGo = async (session: Session, staged: Staged, afterSeconds: number): Promise<void> => {
  session.held.delete(staged.id);
  await session.deps.queues.setVisibility(staged.receipts, afterSeconds);
};

const end = (session: Session, staged: Staged, ending: Ending, calledAtMs?: number): void => {
  const finishedAtMs = session.deps.clock.nowMs();
  const { attempts } = staged;
  staged.phase = 'settling';
  session.settler.add({
    staged,
    ended: { ending, attempts, finishedAtMs, ...(calledAtMs === undefined ? {} : { calledAtMs }) },
  });
};

/** Whatever of its end may not have got through: the notification, and the dead letter of one that failed for now. */
const repeatEnd = async (
  { deps, poolName }: Session,
  staged: Staged,
  item: RequestItem,
): Promise<boolean> => {
  const told = await repeatNotification(item, deps);
  if (!told || item.errorCode !== 'model_unavailable') return told;
  const error = createProblem(item.errorCode, { requestId: item.requestId });
  const body = toDeadLetter(staged.held, error, item.attempts);
  return (await deps.queues.send(deadLetterQueue(poolName), [{ body }])).size === 0;
};

const notClaimed = async (
  session: Session,
  staged: Staged,
  outcome: Exclude<ClaimOutcome, { kind: 'claimed' }>,
): Promise<void> => {
  const { deps } = session;
  session.scheduler.settled(staged, 0);
  switch (outcome.kind) {
    case 'expired': {
      // Of this drain's own attempt the store knows neither how it ended nor whether it counts.
      const { attempts, attemptLog } = staged.claimed ? staged : outcome.item;
      staged.attempts = attempts;
      staged.attemptLog = closeAttempt(attemptLog, staged.ownOutcome ?? 'outcome_unknown');
      end(session, staged, { status: 'expired', code: 'deadline_passed' });
      return;
    }
    case 'finished':
      if (!(await repeatEnd(session, staged, outcome.item))) return letGo(session, staged, 0);
      session.held.delete(staged.id);
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
      session.held.delete(staged.id);
      return deps.queues.remove(staged.receipts);
  }
};

/** Tried again after a pause, ahead of its class: it has waited its turn already. */
const tryLater = async (session: Session, staged: Staged): Promise<void> => {
  const { clock, random } = session.deps;
  staged.phase = 'backing_off';
  await clock.sleep(backoffMs(staged.serviceFaults + 1, SERVICE_FAULT_BACKOFF, random));
  // The drain may have handed over meanwhile, and put this back.
  if (session.held.get(staged.id) !== staged) return;
  staged.phase = 'waiting';
  session.scheduler.putBack(staged, clock.nowMs());
  session.bell.ring();
};

const failWith = (code: FailureCode, { message }: ModelFault): Ending => ({
  status: 'failed',
  code,
  detail: message,
});

const goOn = (
  session: Session,
  staged: Staged,
  verdict: Verdict,
  fault: ModelFault,
  calledAtMs: number,
): void => {
  staged.ownOutcome = verdict.code;
  staged.phase = 'waiting';
  switch (verdict.kind) {
    case 'throttled':
    case 'throttled_for_today':
      // A throttle was not paid for and costs no attempt.
      staged.attempts -= 1;
      session.scheduler.putBack(staged, session.deps.clock.nowMs());
      return;
    case 'retry':
      if (faultsAfter(staged.serviceFaults, verdict.code) < limit('service_fault_attempts')) {
        void tryLater(session, staged);
        return;
      }
      session.scheduler.settled(staged, 0);
      end(session, staged, failWith('model_unavailable', fault), calledAtMs);
      return;
    case 'fail':
      session.scheduler.settled(staged, 0);
      end(session, staged, failWith(verdict.code, fault), calledAtMs);
      return;
  }
};

const refused = (
  session: Session,
  staged: Staged,
  call: SentCall,
  fault: ModelFault,
  calledAtMs: number,
): void => {
  const { deps, governor, poolName } = session;
  const verdict = classifyFault(fault);
  const nowMs = deps.clock.nowMs();
  if (verdict.kind === 'throttled') governor.throttled(call, verdict.scope, nowMs);
  else if (verdict.kind === 'throttled_for_today') governor.throttled(call, 'day', nowMs);
  else governor.faulted(call, nowMs);
  const throttled = verdict.kind === 'throttled' || verdict.kind === 'throttled_for_today';
  deps.telemetry.measure(throttled ? 'ModelThrottles' : 'ModelErrors', 1, { pool: poolName });
  deps.telemetry.log('warn', 'call_refused', {
    ...traceOf(staged.held),
    pool: poolName,
    error: fault.name,
    status: fault.status ?? null,
    code: verdict.code,
  });
  goOn(session, staged, verdict, fault, calledAtMs);
};

const call = async (session: Session, staged: Staged, sent: SentCall, timeoutMs: number): Promise<void> => {
  const { deps, governor, pool, poolName } = session;
  const calledAtMs = deps.clock.nowMs();
  const reply = await deps.model.converse(pool.model_id, staged.held.converse, timeoutMs);
  deps.telemetry.measure('ModelCalls', 1, { pool: poolName });
  if (reply.kind === 'fault') return refused(session, staged, sent, reply.fault, calledAtMs);
  const { usage } = reply.answer;
  const charged = governor.answered(
    sent,
    {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      cacheWriteTokens: usage.cache_write_tokens,
      cacheReadTokens: usage.cache_read_tokens,
    },
    deps.clock.nowMs(),
  );
  session.scheduler.settled(staged, charged);
  deps.telemetry.measure('ModelLatency', deps.clock.nowMs() - calledAtMs, { pool: poolName });
  end(session, staged, { status: 'succeeded', answer: reply.answer }, calledAtMs);
};

/** The process stood still until its claim was all but over: nothing was sent, and another may claim soon. */
const notCalled = (session: Session, staged: Staged, sent: SentCall): void => {
  session.governor.released(sent, session.deps.clock.nowMs());
  staged.attempts -= 1;
  staged.ownOutcome = 'throttled';
  staged.phase = 'waiting';
  session.scheduler.putBack(staged, session.deps.clock.nowMs());
};

const claim = (session: Session, staged: Staged, untilMs: number): Promise<ClaimOutcome> =>
  session.deps.requests.claim(staged.id, {
    epoch: session.keeper.epoch,
    nowMs: session.deps.clock.nowMs(),
    attemptUntilMs: untilMs,
    liveEpochs: session.keeper.lease().liveEpochs,
    ownOutcome: staged.ownOutcome,
  });

/** One attempt at one request: journalled first, then sent, then judged. The governor has let it go already. */
export const runRequest = async (session: Session, staged: Staged, sent: SentCall): Promise<void> => {
  const { deps, governor } = session;
  const untilMs = attemptUntilMs(staged.held.max_tokens, deps.clock.nowMs(), session.functionEndsAtMs);
  let outcome: ClaimOutcome;
  try {
    outcome = await claim(session, staged, untilMs);
  } catch (error) {
    // Whether the claim was written is unknown: as its owner we may claim again, or another will, later.
    governor.released(sent, deps.clock.nowMs());
    deps.telemetry.log('error', 'claim_failed', { ...traceOf(staged.held), error: String(error) });
    return letGo(session, staged, 5);
  }
  if (outcome.kind !== 'claimed') {
    governor.released(sent, deps.clock.nowMs());
    return notClaimed(session, staged, outcome);
  }
  staged.claimed = true;
  staged.attempts = outcome.item.attempts;
  staged.serviceFaults = outcome.item.serviceFaults;
  staged.attemptLog = outcome.item.attemptLog;
  const timeoutMs = untilMs - ABORT_MARGIN_MS - deps.clock.nowMs();
  return timeoutMs > 0 ? call(session, staged, sent, timeoutMs) : notCalled(session, staged, sent);
};

/** Its deadline has passed: the claim tells that, or that another has it. */
export const endWithoutCall = async (session: Session, staged: Staged): Promise<void> => {
  const outcome = await claim(session, staged, session.deps.clock.nowMs());
  if (outcome.kind !== 'claimed') return notClaimed(session, staged, outcome);
  staged.claimed = true;
  staged.phase = 'waiting';
  session.scheduler.putBack(staged, session.deps.clock.nowMs());
};
