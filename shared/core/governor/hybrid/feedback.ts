import type { DimensionName } from '../dimension-name.ts';
import type { CallUsage, SentCall, ThrottleScope } from '../governor.ts';
import { FAULT_SHARE_MOST, FAULT_WEIGHT } from './constants.ts';
import { advance, type Hybrid } from './hybrid.ts';
import type { QuotaMirror } from './quota-mirror.ts';

const TOKENS: readonly DimensionName[] = [
  'tokens_per_minute',
  'input_tokens_per_minute',
  'output_tokens_per_minute',
];

const end = (hybrid: Hybrid, nowMs: number): void => {
  advance(hybrid, nowMs);
  hybrid.inFlight -= 1;
};

const countFault = (hybrid: Hybrid, isFault: boolean): void => {
  hybrid.faultShare += ((isFault ? 1 : 0) - hybrid.faultShare) * FAULT_WEIGHT;
};

/** Answers with the charge in quota tokens. */
export const answered = (hybrid: Hybrid, sent: SentCall, usage: CallUsage, nowMs: number): number => {
  end(hybrid, nowMs);
  const charges = hybrid.mirrors.map(({ dimension }) => dimension.charge(usage));
  for (const [index, mirror] of hybrid.mirrors.entries())
    mirror.settle(sent.holds[index] ?? 0, charges[index] ?? 0, nowMs);
  hybrid.learning.learn(sent.call, usage, nowMs - sent.sentAtMs);
  hybrid.surplus.add(((sent.holds[0] ?? 0) - (charges[0] ?? 0)) * ((nowMs - sent.sentAtMs) / 1000));
  countFault(hybrid, false);
  if (sent.isProbe === true) hybrid.gate.probeEnded(true);
  if (hybrid.faultShare < FAULT_SHARE_MOST) hybrid.gate.calm();
  return charges[0] ?? 0;
};

/** The quotas that a refusal may be about. When the one it names is not configured, any may be. */
const blamed = (mirrors: readonly QuotaMirror[], scope: ThrottleScope): readonly QuotaMirror[] => {
  const daily = mirrors.filter(({ dimension }) => dimension.name === 'tokens_per_day');
  if (scope === 'day') return daily;
  const others = mirrors.filter((mirror) => !daily.includes(mirror));
  if (scope === 'unknown') return others;
  const named = others.filter(({ dimension }) => TOKENS.includes(dimension.name) === (scope === 'tokens'));
  return named.length > 0 ? named : others;
};

export const throttled = (hybrid: Hybrid, sent: SentCall, scope: ThrottleScope, nowMs: number): void => {
  end(hybrid, nowMs);
  for (const [index, mirror] of hybrid.mirrors.entries()) mirror.giveBack(sent.holds[index] ?? 0);
  // Calls sent before the last reaction say nothing that it did not answer already.
  if (!hybrid.gate.isNews(sent.sentAtMs)) return;
  const isProbe = sent.isProbe ?? false;
  for (const mirror of blamed(hybrid.mirrors, scope)) {
    const index = hybrid.mirrors.indexOf(mirror);
    mirror.refused({ hold: sent.holds[index] ?? 0, refusedBy: sent.refusedBy?.[index], isProbe }, nowMs);
  }
  if (scope === 'day') hybrid.gate.refusedForToday(nowMs);
  else hybrid.gate.refused(isProbe, nowMs);
};

/** A failed call gives its tokens back, but it was a request all the same. */
const endAsRequestOnly = (hybrid: Hybrid, sent: SentCall, nowMs: number): void => {
  end(hybrid, nowMs);
  for (const [index, mirror] of hybrid.mirrors.entries()) {
    const hold = sent.holds[index] ?? 0;
    if (mirror.dimension.name === 'requests_per_minute') mirror.settle(hold, 1, nowMs);
    else mirror.giveBack(hold);
  }
};

/** The fault is the request's: were it the service's, one tenant's bad requests would pause everybody's. */
export const rejected = (hybrid: Hybrid, sent: SentCall, nowMs: number): void => {
  endAsRequestOnly(hybrid, sent, nowMs);
  if (sent.isProbe === true) hybrid.gate.probeEnded(true);
};

export const faulted = (hybrid: Hybrid, sent: SentCall, nowMs: number): void => {
  endAsRequestOnly(hybrid, sent, nowMs);
  countFault(hybrid, true);
  const isProbe = sent.isProbe ?? false;
  if (hybrid.gate.isNews(sent.sentAtMs) && (isProbe || hybrid.faultShare > FAULT_SHARE_MOST))
    hybrid.gate.failing(nowMs);
};

/**
 * The service charges what it has produced, and tells nobody how much that was: a whole answer stands in for it. It says
 * nothing about the health of the service, nor about the length of answers.
 */
export const canceled = (hybrid: Hybrid, sent: SentCall, nowMs: number): number => {
  end(hybrid, nowMs);
  const expected = hybrid.learning.expect(sent.call);
  const charges = hybrid.mirrors.map(({ dimension }, index) =>
    Math.min(sent.holds[index] ?? 0, dimension.expect(expected)),
  );
  for (const [index, mirror] of hybrid.mirrors.entries())
    mirror.settle(sent.holds[index] ?? 0, charges[index] ?? 0, nowMs);
  if (sent.isProbe === true) hybrid.gate.probeEnded(false);
  return charges[0] ?? 0;
};

export const released = (hybrid: Hybrid, sent: SentCall, nowMs: number): void => {
  end(hybrid, nowMs);
  for (const [index, mirror] of hybrid.mirrors.entries()) mirror.giveBack(sent.holds[index] ?? 0);
  if (sent.isProbe === true) hybrid.gate.probeEnded(false);
};
