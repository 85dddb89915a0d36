import type { FailureCode } from '../../contract/error-codes.ts';
import { limit } from '../../contract/limits.ts';
import { mayOutlastIdleLimits } from '../../core/attempt-window.ts';
import { backoffMs, SERVICE_FAULT_BACKOFF } from '../../core/backoff.ts';
import { classifyFault, type ModelFault, type Verdict } from '../../core/classify-fault.ts';
import { faultsAfter } from '../../core/decide-claim.ts';
import { NO_SPEND, type Spend, spendOf } from '../../core/limits/spend-limits.ts';
import type { ModelRequest } from '../../core/model-request.ts';
import type { Answer, Ending } from '../../core/to-result.ts';
import { traceOf } from '../../core/trace.ts';
import type { Attempting } from './attempting.ts';
import { CANCELED, endRequest } from './end-request.ts';
import { measureTarget } from './measure-target.ts';
import { mayAskElsewhere, tellTarget } from './other-targets.ts';
import { endQuestion } from './repeats.ts';
import { waitAgain } from './wait-again.ts';

/** After a fault of the service. */
const pauseMsOf = ({ session, staged }: Attempting): number =>
  backoffMs(staged.serviceFaults + 1, SERVICE_FAULT_BACKOFF, session.deps.random);

const failWith = (code: FailureCode, { message }: ModelFault): Ending => ({
  status: 'failed',
  code,
  detail: message,
});

/** Its tenant's counter is set to what it cost; neither the quota nor the bill is. */
const endWith = ({ session, staged, calledAtMs }: Attempting, ending: Ending, weightTokens = 0): void => {
  session.scheduler.settled(staged, weightTokens);
  endRequest(session, staged, ending, calledAtMs);
};

/** A call that was given up may have been answered, and paid for; whatever came back as a fault was not. */
const spendOnFault = ({ status }: ModelFault): Spend | undefined =>
  status === undefined ? undefined : NO_SPEND;

const isThrottle = ({ kind }: Verdict): boolean => kind === 'throttled' || kind === 'throttled_for_today';

const goOn = (attempting: Attempting, verdict: Verdict, fault: ModelFault): void => {
  const { session, staged } = attempting;
  staged.ownOutcome = verdict.code;
  // A throttle was not paid for and costs no attempt.
  if (isThrottle(verdict)) staged.attempts -= 1;
  if (session.cancels.has(staged.id)) {
    endWith(attempting, CANCELED);
    return;
  }
  switch (verdict.kind) {
    case 'throttled':
    case 'throttled_for_today':
      void waitAgain(session, staged);
      return;
    case 'retry':
      if (faultsAfter(staged.serviceFaults, verdict.code) < limit('service_fault_attempts'))
        void waitAgain(session, staged, pauseMsOf(attempting));
      else endWith(attempting, failWith('model_unavailable', fault));
      return;
    case 'fail':
      if (mayAskElsewhere(attempting, fault, verdict)) {
        void waitAgain(session, staged);
        return;
      }
      // Nothing is charged for it. In fair sharing it is not free: who sends nothing but bad requests would always be next.
      endWith(attempting, failWith(verdict.code, fault), staged.held.input_tokens_estimate);
      return;
  }
};

const refused = (attempting: Attempting, fault: ModelFault): void => {
  const { session, staged, sent } = attempting;
  const { deps, governor, poolName } = session;
  const verdict = classifyFault(fault);
  session.spending.came(staged, spendOnFault(fault));
  endQuestion(session, staged);
  const nowMs = deps.clock.nowMs();
  tellTarget(attempting, fault, verdict);
  measureTarget(session, sent, isThrottle(verdict) ? 'TargetThrottles' : 'TargetErrors');
  if (verdict.kind === 'throttled') governor.throttled(sent, verdict.scope, nowMs);
  else if (verdict.kind === 'throttled_for_today') governor.throttled(sent, 'day', nowMs);
  else if (verdict.kind === 'fail') governor.rejected(sent, nowMs);
  else governor.faulted(sent, nowMs);
  deps.telemetry.measure(isThrottle(verdict) ? 'ModelThrottles' : 'ModelErrors', 1, { pool: poolName });
  deps.telemetry.log('warn', 'call_refused', {
    ...traceOf(staged.held),
    pool: poolName,
    error: fault.name,
    ...(session.targets.length < 2 ? {} : { target: governor.targetOf(sent).name }),
    status: fault.status ?? null,
    code: verdict.code,
  });
  goOn(attempting, verdict, fault);
};

/** Given up at its caller's wish: nobody's fault, but what was produced is paid for. */
const canceled = (attempting: Attempting): void => {
  const { session, staged, sent } = attempting;
  const { deps, governor, poolName } = session;
  session.spending.came(staged);
  endQuestion(session, staged);
  const charged = governor.canceled(sent, deps.clock.nowMs());
  deps.telemetry.log('info', 'call_canceled', { ...traceOf(staged.held), pool: poolName });
  endWith(attempting, CANCELED, charged);
};

const answered = ({ session, staged, sent, calledAtMs }: Attempting, answer: Answer): void => {
  const { deps, governor, poolName } = session;
  const { usage } = answer;
  session.spending.came(staged, spendOf(usage, governor.targetOf(sent)));
  const nowMs = deps.clock.nowMs();
  const charged = governor.answered(
    sent,
    {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      cacheWriteTokens: usage.cache_write_tokens,
      cacheReadTokens: usage.cache_read_tokens,
    },
    nowMs,
  );
  session.scheduler.settled(staged, charged);
  deps.telemetry.measure('ModelLatency', nowMs - calledAtMs, { pool: poolName });
  endRequest(session, staged, { status: 'succeeded', answer }, calledAtMs);
  endQuestion(session, staged, answer);
};

/** Sends one call and judges what comes back. Whoever cancels meanwhile stops it, unless it is answered first. */
export const callModel = async (
  attempting: Attempting,
  request: ModelRequest,
  untilMs: number,
): Promise<void> => {
  const { session, staged } = attempting;
  const { deps, poolName } = session;
  const { modelId, region, endpoint, tokensPerSecond } = session.governor.targetOf(attempting.sent);
  const canceling = new AbortController();
  session.calls.set(staged.id, canceling);
  const reply = await deps.model
    .call({
      modelId,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      request,
      streams: mayOutlastIdleLimits({
        maxTokens: staged.held.max_tokens,
        tokensPerSecond,
      }),
      untilMs,
      signal: canceling.signal,
    })
    .finally(() => session.calls.delete(staged.id));
  deps.telemetry.measure('ModelCalls', 1, { pool: poolName });
  measureTarget(session, attempting.sent, 'TargetCalls');
  if (reply.kind === 'fault' && canceling.signal.aborted && reply.fault.name === 'AbortError')
    canceled(attempting);
  else if (reply.kind === 'fault') refused(attempting, reply.fault);
  else answered(attempting, reply.answer);
};
