import { constantly } from '../../local/bedrock/quota/timeline.ts';
import { randomFrom } from '../../local/bedrock/seeded-random.ts';
import { chargedBetween, countCalls, lastSentMs, useBetween, waitSecondsOf } from './measures.ts';
import { jainIndex, mean, percentile } from './percentile.ts';
import { type SimulationResult, START_MS } from './run-simulation.ts';
import { type PoolSetup, simulatePool } from './simulate-pool.ts';
import { createTraffic, SHAPES, type TrafficOptions } from './synthetic-traffic.ts';

/** Figures of one run, by name. */
export type Figures = Readonly<Record<string, number>>;

/** A bound on the mean over the seeds. */
export interface Gate {
  readonly figure: string;
  readonly least?: number;
  readonly most?: number;
}

export interface Scenario {
  readonly name: string;
  readonly gates: readonly Gate[];
  /** `scale` 1 is the traffic behind the published figures; less is quicker, and less certain. */
  readonly run: (seed: string, scale?: number) => Figures;
}

const TPM = 2_000_000;
const SECOND_MS = 1000;
/** Far more than the quota allows, and in an order that keeps the mix even: a backlog that is never empty. */
const FLOOD = { count: 10_000, perSecond: 20, priority: 'low' } as const;
/** By then what was stored at the start has been spent. */
const WARM_MS = START_MS + 120 * SECOND_MS;

const steady = (result: SimulationResult): Figures => {
  const { throttledShare, callsPerRequest } = countCalls(result.outcomes);
  return {
    'use %': 100 * useBetween(result, WARM_MS, lastSentMs(result)),
    'throttled %': 100 * throttledShare,
    'calls per request': callsPerRequest,
  };
};

interface SteadyOptions {
  readonly gates: readonly Gate[];
  readonly quota?: Partial<PoolSetup['quota']>;
  readonly supply?: (seed: string) => PoolSetup['supply'];
  readonly traffic?: Partial<TrafficOptions>;
  readonly setup?: Partial<PoolSetup>;
}

const CALLS: Gate = { figure: 'calls per request', most: 1.02 };

/** A backlog of mixed low requests that is never empty. */
const backlog = (name: string, options: SteadyOptions): Scenario => ({
  name,
  gates: [...options.gates, CALLS],
  run: (seed, scale = 1) => {
    const supply = options.supply?.(seed);
    return steady(
      simulatePool({
        seed,
        traffic: createTraffic({ seed, ...FLOOD, count: FLOOD.count * scale, ...options.traffic }),
        quota: { tokensPerMinute: TPM, ...options.quota },
        ...(supply === undefined ? {} : { supply }),
        ...options.setup,
      }),
    );
  },
});

const useAndThrottles = (least: number, most: number): readonly Gate[] => [
  { figure: 'use %', least },
  { figure: 'throttled %', most },
];

/** Others take between none and half of the quota, and change their minds every 30 s. */
const drifting = (seed: string): PoolSetup['supply'] => {
  const random = randomFrom('drift', seed);
  const steps = Array.from({ length: 200 }, (_, index) => ({
    atMs: START_MS + index * 30 * SECOND_MS,
    value: 0.5 * random(),
  }));
  return { multiplier: constantly(1), othersShare: { initial: 0, steps } };
};

const burst = (burstSeconds: number, most: number): Scenario => ({
  name: `burst of 10,000 at once, bucket ${burstSeconds} s`,
  gates: [{ figure: 'last admission / bound', most }, { figure: 'throttled %', most: 0.2 }, CALLS],
  run: (seed) => {
    const traffic = createTraffic({ seed, count: 10_000 });
    const result = simulatePool({ seed, traffic, quota: { tokensPerMinute: TPM, burstSeconds } });
    const total = result.service.charges().reduce((sum, { amount }) => sum + amount, 0);
    // A full bucket is stored at the start.
    const boundMs = ((total / TPM) * 60 - burstSeconds) * SECOND_MS;
    const { callsPerRequest, throttledShare } = countCalls(result.outcomes);
    return {
      'last admission / bound': (lastSentMs(result) - START_MS) / boundMs,
      'throttled %': 100 * throttledShare,
      'calls per request': callsPerRequest,
    };
  },
});

const highIntoLow = (burstSeconds: number, most: number): Scenario => ({
  name: `high priority into a low backlog, bucket ${burstSeconds} s`,
  gates: [{ figure: 'high p99 s', most }],
  run: (seed) => {
    const low = createTraffic({ seed, ...FLOOD });
    const high = createTraffic({ seed, count: 300, perSecond: 0.3, priority: 'high' });
    const traffic = [...low, ...high];
    const result = simulatePool({ seed, traffic, quota: { tokensPerMinute: TPM, burstSeconds } });
    const waits = result.outcomes.filter(({ request }) => request.priority === 'high').map(waitSecondsOf);
    return { 'high p50 s': percentile(waits, 0.5), 'high p99 s': percentile(waits, 0.99) };
  },
});

const HALVED = { fromMs: START_MS + 300 * SECOND_MS, toMs: START_MS + 600 * SECOND_MS };

/** Seconds after the quota is back until, over ten seconds, 95 % of it are charged. */
const secondsToRecover = (result: SimulationResult): number => {
  for (let second = 0; second < 300; second++) {
    const fromMs = HALVED.toMs + second * SECOND_MS;
    if (useBetween(result, fromMs, fromMs + 10 * SECOND_MS) >= 0.95) return second;
  }
  return Number.POSITIVE_INFINITY;
};

const halved: Scenario = {
  name: 'quota halved for 5 minutes, then back, bucket 60 s',
  gates: [
    { figure: 'throttles', most: 40 },
    { figure: 's back to 95 %', most: 90 },
    { figure: 'use of the half %', least: 95 },
  ],
  run: (seed) => {
    const steps = [
      { atMs: HALVED.fromMs, value: 0.5 },
      { atMs: HALVED.toMs, value: 1 },
    ];
    const result = simulatePool({
      seed,
      traffic: createTraffic({ seed, ...FLOOD }),
      quota: { tokensPerMinute: TPM },
      supply: { multiplier: { initial: 1, steps }, othersShare: constantly(0) },
      untilMs: HALVED.toMs - START_MS + 400 * SECOND_MS,
    });
    return {
      throttles: countCalls(result.outcomes).throttles,
      's back to 95 %': secondsToRecover(result),
      'use of the half %': 100 * useBetween(result, HALVED.fromMs + 60 * SECOND_MS, HALVED.toMs),
    };
  },
};

const fair: Scenario = {
  name: 'three heavy tenants of different shapes, and a light one',
  gates: [
    { figure: 'Jain index', least: 0.98 },
    { figure: 'light p99 s', most: 5 },
  ],
  run: (seed) => {
    const heavy = [
      createTraffic({ seed, tenant: 'chat', count: 12_000, shape: SHAPES.chat }),
      createTraffic({ seed, tenant: 'long input', count: 3500, shape: SHAPES.longInput }),
      createTraffic({ seed, tenant: 'long output', count: 4000, shape: SHAPES.longOutput }),
    ];
    const light = createTraffic({ seed, tenant: 'light', count: 100, perSecond: 0.2, shape: SHAPES.chat });
    const traffic = [...heavy.flat(), ...light];
    const untilMs = 600 * SECOND_MS;
    const { outcomes } = simulatePool({ seed, traffic, quota: { tokensPerMinute: TPM }, untilMs });
    // What is sent by then has been answered, and all three still have more waiting.
    const counted = outcomes.filter(({ sentAtMs }) => (sentAtMs ?? Infinity) < START_MS + 300 * SECOND_MS);
    const tokens = ['chat', 'long input', 'long output'].map((tenant) =>
      counted.filter(({ request }) => request.tenant === tenant).reduce((sum, { charge }) => sum + charge, 0),
    );
    const waits = outcomes.filter(
      ({ request, sentAtMs }) => request.tenant === 'light' && sentAtMs !== undefined,
    );
    return { 'Jain index': jainIndex(tokens), 'light p99 s': percentile(waits.map(waitSecondsOf), 0.99) };
  },
};

const CHANGE_MS = 400 * SECOND_MS;

/**
 * What is charged in a minute depends on which long answers happen to end in it. The same traffic without a hand-over
 * has the same answers: its rates are the measure, and until the hand-over the two are one.
 */
const handOver: Scenario = {
  name: 'hand-over with 20 x max_tokens overshoot',
  gates: [
    { figure: 'rate during / before', least: 0.95, most: 1.05 },
    { figure: 'rate after / before', least: 0.95, most: 1.05 },
    { figure: 'throttled %', most: 0.1 },
  ],
  run: (seed) => {
    const setup = {
      seed,
      traffic: createTraffic({ seed, ...FLOOD, fixedOvershoot: 20 }),
      quota: { tokensPerMinute: TPM },
      untilMs: CHANGE_MS + 300 * SECOND_MS,
    };
    const without = simulatePool(setup);
    const result = simulatePool({ ...setup, changes: [{ kind: 'hand_over', atMs: CHANGE_MS }] });
    const compare = (fromSeconds: number, toSeconds: number): number => {
      const fromMs = START_MS + CHANGE_MS + fromSeconds * SECOND_MS;
      const toMs = START_MS + CHANGE_MS + toSeconds * SECOND_MS;
      return chargedBetween(result, fromMs, toMs) / chargedBetween(without, fromMs, toMs);
    };
    return {
      'rate during / before': compare(0, 60),
      'rate after / before': compare(60, 240),
      'throttled %': 100 * countCalls(result.outcomes).throttledShare,
    };
  },
};

const death: Scenario = {
  name: 'owner dies, the next takes its lease 10 s later',
  gates: [
    { figure: 'silence s', most: 15 },
    { figure: 'use of the 2 minutes after %', least: 93 },
    { figure: 'throttled %', most: 0.1 },
    // A successor that begins with nothing but full buckets is refused before it knows better.
    { figure: 'throttles', most: 1 },
  ],
  run: (seed) => {
    const traffic = createTraffic({ seed, ...FLOOD });
    const result = simulatePool({
      seed,
      traffic,
      quota: { tokensPerMinute: TPM },
      changes: [{ kind: 'death', atMs: CHANGE_MS, silenceMs: 10 * SECOND_MS }],
      untilMs: CHANGE_MS + 430 * SECOND_MS,
    });
    const diedAtMs = START_MS + CHANGE_MS;
    const resumedAtMs = Math.min(
      ...result.outcomes.flatMap(({ sentAtMs }) =>
        sentAtMs !== undefined && sentAtMs > diedAtMs ? sentAtMs : [],
      ),
    );
    const { throttles, throttledShare } = countCalls(result.outcomes);
    return {
      'silence s': (resumedAtMs - diedAtMs) / SECOND_MS,
      'use of the 2 minutes after %': 100 * useBetween(result, diedAtMs + 10_000, diedAtMs + 130_000),
      'throttled %': 100 * throttledShare,
      throttles,
    };
  },
};

/** What the governor and the scheduler must reach, whatever the seed. */
export const SCENARIOS: readonly Scenario[] = [
  backlog('known quota, bucket 60 s', { gates: useAndThrottles(98, 0.1) }),
  backlog('known quota, bucket 15 s, not told', {
    gates: useAndThrottles(98, 0.1),
    quota: { burstSeconds: 15 },
  }),
  backlog('known quota, bucket 5 s, not told', {
    gates: useAndThrottles(97, 0.2),
    quota: { burstSeconds: 5 },
  }),
  backlog('bucket 1 s', { gates: useAndThrottles(90, 0.8), quota: { burstSeconds: 1 } }),
  backlog('fixed minutes', { gates: useAndThrottles(90, 0.8), quota: { algorithm: 'fixed' } }),
  backlog('rolling minute', {
    gates: useAndThrottles(90, 0.8),
    quota: { algorithm: 'sliding' },
    // At any scale: what is learned in the first minutes weighs too much in a shorter run.
    traffic: { count: FLOOD.count },
  }),
  backlog('quota is 85 % of the configured, bucket 15 s', {
    gates: useAndThrottles(97, 1.2),
    quota: { burstSeconds: 15 },
    supply: () => ({ multiplier: constantly(0.85), othersShare: constantly(0) }),
  }),
  backlog('others take 0-50 %, bucket 15 s', {
    gates: useAndThrottles(97, 1.2),
    quota: { burstSeconds: 15 },
    supply: drifting,
  }),
  backlog('input estimated 40 % too low, bucket 15 s', {
    gates: useAndThrottles(98, 0.2),
    quota: { burstSeconds: 15 },
    traffic: { estimateBias: 0.6 },
  }),
  backlog('input estimated 40 % too high, bucket 15 s', {
    gates: useAndThrottles(98, 0.2),
    quota: { burstSeconds: 15 },
    traffic: { estimateBias: 1.4 },
  }),
  backlog('requests and tokens both limited, bucket 60 s', {
    gates: [{ figure: 'throttled %', most: 0.1 }],
    quota: { tokensPerMinute: 4_000_000, requestsPerMinute: 1000 },
  }),
  burst(60, 1.05),
  burst(5, 1.05),
  highIntoLow(60, 0.25),
  highIntoLow(15, 0.25),
  highIntoLow(5, 0.25),
  halved,
  fair,
  handOver,
  death,
];

/** Means over the seeds, in the order in which the figures were named. */
export const meanFigures = (runs: readonly Figures[]): Figures =>
  Object.fromEntries(
    Object.keys(runs[0] ?? {}).map((figure) => [figure, mean(runs.map((run) => run[figure] ?? Number.NaN))]),
  );

export const missedGates = ({ gates }: Scenario, figures: Figures): readonly string[] =>
  gates.flatMap(({ figure, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }) => {
    const value = figures[figure] ?? Number.NaN;
    return value >= least && value <= most ? [] : [`${figure} is ${value}, must be ${least} to ${most}`];
  });
