import {
  type CallCounts,
  countCalls,
  lastSentMs,
  useBetween,
  type Waits,
  waitsByPriority,
  waitsByTenant,
} from './measures.ts';
import { type SimulationResult, START_MS } from './run-simulation.ts';
import { type PoolSetup, simulatePool } from './simulate-pool.ts';

/** US dollars for a million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
}

export interface Report {
  readonly calls: CallCounts;
  /** Until the last request was sent, of what the quota refills. */
  readonly use: number;
  readonly lastAdmissionSeconds: number;
  readonly lastAnswerSeconds: number;
  readonly costUsd: number;
  readonly byPriority: readonly Waits[];
  readonly byTenant: readonly Waits[];
  readonly concurrencyBinds: boolean;
  readonly changes: readonly Change[];
}

/** The same traffic with one thing changed. */
export interface Change {
  readonly what: string;
  readonly use: number;
  readonly p95Seconds: number;
  readonly lastAdmissionSeconds: number;
}

/** Shorter waits than this are nobody's reason to ask for more. */
const WORTH_SECONDS = 1;
const WORTH_SHARE = 0.5;

const lastAnswerMs = ({ outcomes }: SimulationResult): number =>
  outcomes.reduce((last, { answeredAtMs }) => Math.max(last, answeredAtMs ?? 0), START_MS);

const worstP95 = (result: SimulationResult): number =>
  Math.max(0, ...waitsByPriority(result.outcomes).map(({ p95Seconds }) => p95Seconds));

const costOf = ({ outcomes }: SimulationResult, { input, output }: Prices): number =>
  outcomes
    .filter(({ answeredAtMs }) => answeredAtMs !== undefined)
    .reduce(
      (sum, { request }) => sum + (request.inputTokens * input + request.outputTokens * output) / 1_000_000,
      0,
    );

const useOf = (result: SimulationResult): number => {
  const lastMs = lastSentMs(result);
  return lastMs > START_MS ? useBetween(result, START_MS, lastMs) : 0;
};

const toChange = (what: string, setup: PoolSetup): Change => {
  const result = simulatePool(setup);
  return {
    what,
    use: useOf(result),
    p95Seconds: worstP95(result),
    lastAdmissionSeconds: (lastSentMs(result) - START_MS) / 1000,
  };
};

const withQuota = (setup: PoolSetup, factor: number): PoolSetup => {
  const { tokensPerMinute, requestsPerMinute } = setup.quota;
  return {
    ...setup,
    quota: {
      ...setup.quota,
      tokensPerMinute: tokensPerMinute * factor,
      requestsPerMinute: requestsPerMinute === undefined ? undefined : requestsPerMinute * factor,
    },
  };
};

const changesOf = (setup: PoolSetup): readonly Change[] => [
  ...[1.25, 1.5, 2, 4].map((factor) => toChange(`quota x ${factor}`, withQuota(setup, factor))),
  ...(setup.maxConcurrent === undefined
    ? []
    : [
        toChange(`calls at once x 2 (${setup.maxConcurrent * 2})`, {
          ...setup,
          maxConcurrent: setup.maxConcurrent * 2,
        }),
      ]),
];

/** Runs a traffic, and once more with each thing that could be bought or changed. */
export const answerWhatIf = (
  setup: PoolSetup,
  prices: Prices,
): { report: Report; result: SimulationResult } => {
  const result = simulatePool(setup);
  const report: Report = {
    calls: countCalls(result.outcomes),
    use: useOf(result),
    lastAdmissionSeconds: (lastSentMs(result) - START_MS) / 1000,
    lastAnswerSeconds: (lastAnswerMs(result) - START_MS) / 1000,
    costUsd: costOf(result, prices),
    byPriority: waitsByPriority(result.outcomes),
    byTenant: waitsByTenant(result.outcomes),
    concurrencyBinds: result.concurrencyWaits > result.quotaWaits,
    changes: changesOf(setup),
  };
  return { report, result };
};

/** The smallest change that at least halves the longest waits, if those are worth a change. */
export const adviceOf = ({ byPriority, changes }: Report): string => {
  const p95Seconds = Math.max(0, ...byPriority.map((waits) => waits.p95Seconds));
  if (p95Seconds < WORTH_SECONDS)
    return `No change would pay: 95 % of every class wait less than ${WORTH_SECONDS} s.`;
  const worth = changes
    .toSorted((one, other) => one.p95Seconds - other.p95Seconds)
    .filter((change) => change.p95Seconds <= WORTH_SHARE * p95Seconds);
  const [best] = worth;
  if (best === undefined) return 'None of these changes would halve the longest waits.';
  const first = changes.find((change) => worth.includes(change)) ?? best;
  return `The least that halves the longest p95 wait of ${p95Seconds.toFixed(1)} s: ${first.what} (then ${first.p95Seconds.toFixed(1)} s).`;
};
