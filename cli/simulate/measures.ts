import { PRIORITIES } from '../../shared/contract/priorities.ts';
import { groupBy } from '../../shared/core/group-by.ts';
import { mean, percentile } from './percentile.ts';
import { type SimulationResult, START_MS } from './run-simulation.ts';
import type { RequestOutcome } from './simulated-request.ts';
import type { Charge } from './simulated-service.ts';

/** Seconds from arrival until the call that was answered was sent. */
export const waitSecondsOf = ({ sentAtMs, request }: RequestOutcome): number =>
  Math.max(0, (sentAtMs ?? Number.POSITIVE_INFINITY) - START_MS - request.arrivesAtMs) / 1000;

export interface Waits {
  readonly name: string;
  readonly requests: number;
  readonly unanswered: number;
  readonly meanSeconds: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly p99Seconds: number;
}

const toWaits = (name: string, outcomes: readonly RequestOutcome[]): Waits => {
  const waits = outcomes.filter(({ sentAtMs }) => sentAtMs !== undefined).map(waitSecondsOf);
  return {
    name,
    requests: outcomes.length,
    unanswered: outcomes.length - waits.length,
    meanSeconds: mean(waits),
    p50Seconds: percentile(waits, 0.5),
    p95Seconds: percentile(waits, 0.95),
    p99Seconds: percentile(waits, 0.99),
  };
};

export const waitsByPriority = (outcomes: readonly RequestOutcome[]): readonly Waits[] =>
  PRIORITIES.map((name) => [name, outcomes.filter(({ request }) => request.priority === name)] as const)
    .filter(([, some]) => some.length > 0)
    .map(([name, some]) => toWaits(name, some));

export const waitsByTenant = (outcomes: readonly RequestOutcome[]): readonly Waits[] => {
  const tenants = groupBy(outcomes, ({ request }) => request.tenant);
  return [...tenants].map(([name, some]) => toWaits(name, some));
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Of a charge, what was worked off between two moments. */
const shareBetween = ({ fromMs, atMs }: Charge, startMs: number, endMs: number): number =>
  Math.max(0, Math.min(atMs, endMs) - Math.max(fromMs, startMs)) / (atMs - fromMs);

/** What can be told by the service alone. */
export type Served = Pick<SimulationResult, 'service'>;

/**
 * The service charges an answer when it ends. Counted evenly over its whole call instead: otherwise a minute in which
 * two of the longest answers happen to end looks better than the one before.
 */
export const chargedBetween = ({ service }: Served, fromMs: number, toMs: number): number =>
  sum(service.charges().map((charge) => charge.amount * shareBetween(charge, fromMs, toMs)));

/** Share of what the service granted in that time that was charged: above 1 while stored quota is spent. */
export const useBetween = (result: Served, fromMs: number, toMs: number): number =>
  chargedBetween(result, fromMs, toMs) / result.service.granted(fromMs, toMs);

export const lastSentMs = ({ outcomes }: SimulationResult): number =>
  outcomes.reduce((last, { sentAtMs }) => Math.max(last, sentAtMs ?? 0), START_MS);

export interface CallCounts {
  readonly requests: number;
  readonly calls: number;
  readonly throttles: number;
  readonly faults: number;
  readonly callsPerRequest: number;
  /** Of the calls. */
  readonly throttledShare: number;
}

export const countCalls = (outcomes: readonly RequestOutcome[]): CallCounts => {
  const calls = sum(outcomes.map((each) => each.calls));
  const throttles = sum(outcomes.map((each) => each.throttles));
  return {
    requests: outcomes.length,
    calls,
    throttles,
    faults: sum(outcomes.map((each) => each.faults)),
    callsPerRequest: outcomes.length === 0 ? 0 : calls / outcomes.length,
    throttledShare: calls === 0 ? 0 : throttles / calls,
  };
};
