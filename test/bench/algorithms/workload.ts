import type { ServiceQuota } from '../../../cli/simulate/service-quota.ts';
import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { createTraffic, SHAPES, type TrafficOptions } from '../../../cli/simulate/synthetic-traffic.ts';
import type { Priority } from '../../../shared/contract/priorities.ts';

/** The same requests for all who take part. */
export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  /** In the order of their arrival. */
  readonly requests: readonly SimulatedRequest[];
}

export const WORKLOAD_NAMES = ['steady', 'bursty', 'changing'] as const;
export type WorkloadName = (typeof WORKLOAD_NAMES)[number];

export const TOKENS_PER_MINUTE = 2_000_000;
/** What the service stores when nobody asks. */
export const BURST_SECONDS = 60;
export const QUOTA: ServiceQuota = { tokensPerMinute: TOKENS_PER_MINUTE, burstSeconds: BURST_SECONDS };
export const BURNDOWN = 5;

export const chargeOf = ({ inputTokens, outputTokens }: SimulatedRequest): number =>
  inputTokens + BURNDOWN * outputTokens;

/** Requests a second, by who knows beforehand what the whole traffic will cost. */
export const trueRateOf = ({ requests }: Workload): number =>
  (TOKENS_PER_MINUTE / 60) * (requests.length / requests.reduce((sum, each) => sum + chargeOf(each), 0));

/**
 * The soonest at which anybody can have sent the last: whatever arrives from some moment on has to go through the quota
 * of the time since, but for what may be stored by then.
 */
export const boundSecondsOf = ({ requests }: Workload): number => {
  const perSecond = TOKENS_PER_MINUTE / 60;
  let after = 0;
  let bound = 0;
  for (const request of requests.toReversed()) {
    after += chargeOf(request);
    const queuedSeconds = Math.max(0, after / perSecond - BURST_SECONDS);
    bound = Math.max(bound, request.arrivesAtMs / 1000 + queuedSeconds);
  }
  return bound;
};

type Part = Omit<TrafficOptions, 'seed' | 'tenant'> & { readonly name: string };

/** One tenant for each part, so that its share of all is fair: what is compared is order and pace. */
const build = (seed: string, parts: readonly Part[]): readonly SimulatedRequest[] =>
  parts
    .flatMap(({ name, ...part }) => createTraffic({ ...part, seed, tenant: name }))
    .toSorted((one, other) => one.arrivesAtMs - other.arrivesAtMs);

const SHARES: readonly (readonly [Priority, number])[] = [
  ['high', 0.05],
  ['normal', 0.35],
  ['low', 0.6],
];

const byClass = (part: Part & { readonly perSecond: number }): readonly Part[] =>
  SHARES.map(([priority, share]) => ({
    ...part,
    priority,
    count: Math.max(1, Math.round(part.count * share)),
    perSecond: part.perSecond * share,
  }));

/** A quarter more than the quota allows. */
const steady = (scale: number): readonly Part[] =>
  byClass({ name: 'steady', count: 7000 * scale, perSecond: 11 });

/** Three loads at once each, and high requests all the time. */
const bursty = (scale: number): readonly Part[] => [
  { name: 'load-a', count: 3000 * scale, priority: 'low' },
  { name: 'load-b', count: 1500 * scale, priority: 'normal', startsAtMs: 150_000 * scale },
  { name: 'load-c', count: 1500 * scale, priority: 'low', startsAtMs: 300_000 * scale },
  { name: 'people', count: 300 * scale, priority: 'high', perSecond: 0.5 },
];

const PHASE_MS = 240_000;

/** Short answers, then long ones, then long inputs: each more than the quota allows, at a sixth of the requests. */
const changing = (scale: number): readonly Part[] =>
  [
    { name: 'chat', shape: SHAPES.chat, perSecond: 24 },
    { name: 'long-output', shape: SHAPES.longOutput, perSecond: 5.5 },
    { name: 'long-input', shape: SHAPES.longInput, perSecond: 3.7 },
  ].flatMap((part, phase) =>
    byClass({
      ...part,
      count: (part.perSecond * PHASE_MS * scale) / 1000,
      startsAtMs: phase * PHASE_MS * scale,
    }),
  );

const PARTS: Readonly<Record<WorkloadName, (scale: number) => readonly Part[]>> = {
  steady,
  bursty,
  changing,
};

const TITLES: Readonly<Record<WorkloadName, string>> = {
  steady: 'a steady stream',
  bursty: 'three loads, and people',
  changing: 'a mix that changes',
};

/** `scale` below 1 is fewer requests in less time. */
export const createWorkload = (name: WorkloadName, seed: string, scale = 1): Workload => ({
  name,
  title: TITLES[name],
  requests: build(seed, PARTS[name](scale)),
});
