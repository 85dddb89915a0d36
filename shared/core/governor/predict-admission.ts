import { PRIORITIES, type Priority } from '../../contract/priorities.ts';
import { GUARANTEED } from '../scheduler/guaranteed-shares.ts';
import type { ConcurrencyView, DimensionView, GovernorView } from './governor-view.ts';

/** Work that waits in one class; where its tokens are not known, requests of the mean size are meant. */
export interface WaitingWork {
  readonly requests: number;
  readonly tokens?: number;
}

export type WorkAhead = Readonly<Record<Priority, WaitingWork>>;

type Amounts = Readonly<Record<Priority, number>>;

/** Stored quota is spent this many times faster than it refills. */
const PEAK = 2;

const sharesOf = (waiting: readonly Priority[]): ReadonlyMap<Priority, number> => {
  const [first, ...below] = waiting;
  const guaranteed = below.map((priority) => [priority, GUARANTEED[priority]] as const);
  const rest = 1 - guaranteed.reduce((sum, [, share]) => sum + share, 0);
  return new Map(first === undefined ? guaranteed : [[first, rest], ...guaranteed]);
};

/** What will have been served of all classes when the last of this one is: strict, but for the guaranteed shares. */
const servedUntilDone = (amounts: Amounts, priority: Priority): number => {
  let left: Record<Priority, number> = { ...amounts };
  let served = 0;
  for (;;) {
    const waiting = PRIORITIES.filter((name) => left[name] > 0);
    const shares = sharesOf(waiting);
    if (!waiting.includes(priority)) return served;
    const step = Math.min(...waiting.map((name) => left[name] / (shares.get(name) ?? 1)));
    served += step;
    const before = left;
    const remains = (name: Priority): number => {
      const rest = before[name] - step * (shares.get(name) ?? 0);
      return rest > 1e-6 ? rest : 0;
    };
    left = { high: remains('high'), normal: remains('normal'), low: remains('low') };
  }
};

const millisecondsOf = (amount: number, { level, perSecond }: DimensionView): number =>
  level < 0
    ? ((amount - level) / perSecond) * 1000
    : Math.max(amount / (PEAK * perSecond), (amount - level) / perSecond) * 1000;

const amountsIn = ({ name, meanCharge }: DimensionView, ahead: WorkAhead): Amounts => {
  const amountOf = ({ requests, tokens }: WaitingWork): number =>
    name === 'requests_per_minute' ? requests : (tokens ?? requests * meanCharge);
  return { high: amountOf(ahead.high), normal: amountOf(ahead.normal), low: amountOf(ahead.low) };
};

const placesMs = (
  requests: number,
  { limit, inFlight, others }: ConcurrencyView,
  latencyMs: number,
): number => Math.max(0, ((requests - (limit - inFlight - others)) * latencyMs) / Math.max(1, limit));

/**
 * How long until everything of a class that waits now has been admitted, if nothing more urgent arrives meanwhile.
 * Nothing while neither the tokens that wait nor the size of a mean request are known.
 */
export const predictAdmissionMs = (
  view: GovernorView,
  ahead: WorkAhead,
  priority: Priority,
): number | undefined => {
  const isKnown = view.dimensions.every(
    ({ name, meanCharge }) =>
      name === 'requests_per_minute' ||
      meanCharge > 0 ||
      PRIORITIES.every((each) => ahead[each].requests === 0 || ahead[each].tokens !== undefined),
  );
  if (!isKnown) return undefined;
  const pauseMs = Math.max(0, view.pausedUntilMs - view.atMs);
  const quotaMs = view.dimensions.map((dimension) =>
    millisecondsOf(servedUntilDone(amountsIn(dimension, ahead), priority), dimension),
  );
  const requests: Amounts = {
    high: ahead.high.requests,
    normal: ahead.normal.requests,
    low: ahead.low.requests,
  };
  const atOnceMs = placesMs(servedUntilDone(requests, priority), view.concurrency, view.learned.latencyMs);
  return Math.ceil(pauseMs + Math.max(0, atOnceMs, ...quotaMs));
};
