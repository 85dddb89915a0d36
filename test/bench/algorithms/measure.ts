import { chargedBetween, useBetween } from '../../../cli/simulate/measures.ts';
import { percentile } from '../../../cli/simulate/percentile.ts';
import { START_MS } from '../../../cli/simulate/run-simulation.ts';
import { PRIORITIES, type Priority } from '../../../shared/contract/priorities.ts';
import type { Kind, Run } from './contender.ts';
import { boundSecondsOf, type Workload } from './workload.ts';

/** Of what was answered: seconds from arrival until the call that was answered was sent. */
export interface ClassWaits {
  readonly p50_seconds: number;
  readonly p99_seconds: number;
}

export interface Series {
  readonly bin_seconds: number;
  /** Of what the quota grants in a bin. */
  readonly use: readonly number[];
  readonly throttled: readonly number[];
}

export interface Measured {
  readonly contender: string;
  readonly kind: Kind;
  readonly setup: string;
  readonly requests: number;
  readonly answered: number;
  /** Its caller was told that it failed. */
  readonly lost: number;
  readonly unfinished: number;
  readonly sent_twice: number;
  readonly calls: number;
  readonly throttled: number;
  readonly throttled_percent: number;
  readonly calls_per_request: number;
  /** Between the second minute and the bound: what was charged of what was granted. */
  readonly use_percent: number;
  readonly last_sent_seconds: number;
  readonly last_sent_of_bound: number;
  readonly waits: Readonly<Record<Priority, ClassWaits>>;
  readonly series: Series;
}

/** By then what was stored at the start has been spent. */
const WARM_SECONDS = 120;
const BIN_SECONDS = 15;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const admittedOf = ({ service }: Run): ReadonlyMap<string, readonly number[]> => {
  const admitted = new Map<string, number[]>();
  for (const { id, sentAtMs, isAdmitted } of service.calls())
    if (isAdmitted) admitted.set(id, [...(admitted.get(id) ?? []), sentAtMs]);
  return admitted;
};

const waitsOf = (
  { endings }: Run,
  admitted: ReadonlyMap<string, readonly number[]>,
  priority: Priority,
): ClassWaits => {
  const waits = endings
    .filter(({ request, outcome }) => request.priority === priority && outcome === 'answered')
    .map(({ request }) => ((admitted.get(request.id)?.at(-1) ?? 0) - START_MS - request.arrivesAtMs) / 1000);
  return {
    p50_seconds: round(percentile(waits, 0.5), 2),
    p99_seconds: round(percentile(waits, 0.99), 2),
  };
};

const seriesOf = (run: Run, seconds: number): Series => {
  const bins = Array.from({ length: Math.ceil(seconds / BIN_SECONDS) }, (_, bin) => bin);
  const throttled = bins.map(() => 0);
  for (const { atMs, isAdmitted } of run.service.calls()) {
    const bin = Math.floor((atMs - START_MS) / 1000 / BIN_SECONDS);
    if (!isAdmitted && bin < throttled.length) throttled[bin] = (throttled[bin] ?? 0) + 1;
  }
  const use = bins.map((bin) => {
    const fromMs = START_MS + bin * BIN_SECONDS * 1000;
    const toMs = fromMs + BIN_SECONDS * 1000;
    return round(chargedBetween(run, fromMs, toMs) / run.service.granted(fromMs, toMs), 3);
  });
  return { bin_seconds: BIN_SECONDS, use, throttled };
};

type Identity = Pick<Measured, 'contender' | 'kind' | 'setup'>;

/** What one did with one workload, as the service and the callers saw it. */
export const measure = (workload: Workload, run: Run, identity: Identity): Measured => {
  const calls = run.service.calls();
  const admitted = admittedOf(run);
  const count = (outcome: string): number =>
    run.endings.filter((ending) => ending.outcome === outcome).length;
  const throttled = calls.filter(({ isAdmitted }) => !isAdmitted).length;
  const requests = workload.requests.length;
  const boundSeconds = boundSecondsOf(workload);
  const lastSentSeconds = (Math.max(START_MS, ...[...admitted.values()].flat()) - START_MS) / 1000;
  const isLong = boundSeconds > WARM_SECONDS * 1.5;
  const useFromMs = START_MS + (isLong ? WARM_SECONDS * 1000 : 0);
  const waits = PRIORITIES.map((priority) => [priority, waitsOf(run, admitted, priority)] as const);
  return {
    ...identity,
    requests,
    answered: count('answered'),
    lost: count('lost'),
    unfinished: count('unfinished'),
    sent_twice: [...admitted.values()].filter(({ length }) => length > 1).length,
    calls: calls.length,
    throttled,
    throttled_percent: round((100 * throttled) / calls.length, 2),
    calls_per_request: round(calls.length / requests, 3),
    use_percent: round(100 * useBetween(run, useFromMs, START_MS + boundSeconds * 1000), 1),
    last_sent_seconds: round(lastSentSeconds, 1),
    last_sent_of_bound: round(lastSentSeconds / boundSeconds, 3),
    waits: Object.fromEntries(waits) as Record<Priority, ClassWaits>,
    series: seriesOf(run, 2 * boundSeconds),
  };
};
