import { lognormal, type Random, randomFrom } from '../../../local/bedrock/seeded-random.ts';
import type { Priority } from '../../../shared/contract/priorities.ts';

export type Mix = 'steady' | 'changing';

/** How fast, how long, and of what. */
export interface Setting {
  /** What the quota allows of the mean request. */
  readonly perMinute: number;
  readonly mix: Mix;
  readonly seconds: number;
}

/** A request as everybody gets it. */
export interface SocketRequest {
  readonly id: string;
  readonly priority: Priority;
  readonly arrivesAtMs: number;
  readonly prompt: string;
  readonly outputTokens: number;
  readonly maxTokens: number;
}

export const BURNDOWN = 5;
export const FIRST_TOKEN_MS = 300;
export const TOKENS_PER_SECOND = 200;
/** What the simulated service stores: little, so that a run is soon about the rate and not about what was stored. */
export const BURST_SECONDS = 15;

/** Everything that is stored comes at once, and then a tenth more than the quota allows. */
const OVERLOAD = 1.1;
const INPUT_TOKENS = 100;
/** The simulator takes about four bytes for a token. */
const FILLER = 'x'.repeat(4 * INPUT_TOKENS - 60);

const MEDIAN_OUTPUT = 100;
const OUTPUT_SPREAD = 0.6;
const MOST_OVERSHOOT = 8;
/** Means of a lognormal. */
const MEAN_OF_SPREAD = Math.exp(OUTPUT_SPREAD ** 2 / 2);

/** By the share of the time, how long answers are: a third of it shorter ones, a third longer ones, then those of the steady mix. */
const lengthFactor = (mix: Mix, share: number): number => {
  if (mix === 'steady' || share >= 2 / 3) return 1;
  return share < 1 / 3 ? 0.75 : 2;
};

const costOf = (factor: number): number => INPUT_TOKENS + BURNDOWN * factor * MEDIAN_OUTPUT * MEAN_OF_SPREAD;

export const MEAN_COST = costOf(1);
export const MEAN_LATENCY_MS = FIRST_TOKEN_MS + (MEDIAN_OUTPUT * MEAN_OF_SPREAD * 1000) / TOKENS_PER_SECOND;

export const tokensPerMinuteOf = ({ perMinute }: Setting): number => Math.round(perMinute * MEAN_COST);

const priorityOf = (random: Random): Priority => {
  const at = random();
  if (at < 0.05) return 'high';
  return at < 0.4 ? 'normal' : 'low';
};

/** What the simulator knows a call by, and what its answer repeats. */
export const markerOf = (id: string): string => `bench ${id} `;

const createRequest = (index: number, arrivesAtMs: number, factor: number, random: Random): SocketRequest => {
  const id = `r${index}`;
  const outputTokens = Math.max(1, Math.round(factor * MEDIAN_OUTPUT * lognormal(random, OUTPUT_SPREAD)));
  return {
    id,
    priority: priorityOf(random),
    arrivesAtMs,
    prompt: `${markerOf(id)}[[sim:output_tokens=${outputTokens}]] ${FILLER}`,
    outputTokens,
    maxTokens: Math.ceil(outputTokens * MOST_OVERSHOOT ** random()),
  };
};

/** The same seed gives the same requests, in the order of their arrival. */
export const createLoad = ({ perMinute, mix, seconds }: Setting, seed: string): readonly SocketRequest[] => {
  const random = randomFrom('sockets', seed, mix, String(perMinute));
  const perSecond = perMinute / 60;
  const first = Math.round(perSecond * BURST_SECONDS);
  const requests: SocketRequest[] = [];
  let atMs = 0;
  while (atMs < seconds * 1000) {
    const factor = lengthFactor(mix, atMs / (seconds * 1000));
    requests.push(createRequest(requests.length, atMs, factor, random));
    // Longer answers come less often, so that it is the mix that changes and not the load.
    if (requests.length > first) atMs += (1000 * costOf(factor)) / (MEAN_COST * perSecond * OVERLOAD);
  }
  return requests;
};
