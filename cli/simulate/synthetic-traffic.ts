import { lognormal, type Random, randomFrom } from '../../local/bedrock/seeded-random.ts';
import { PRIORITIES, type Priority } from '../../shared/contract/priorities.ts';
import type { SimulatedRequest } from './simulated-request.ts';

/** How a kind of request is spread: medians, and sigmas of lognormal spreads. */
export interface Shape {
  readonly name: string;
  readonly inputTokens: number;
  readonly inputSpread: number;
  readonly outputTokens: number;
  readonly outputSpread: number;
}

export const SHAPES = {
  chat: { name: 'chat', inputTokens: 400, inputSpread: 0.6, outputTokens: 220, outputSpread: 0.6 },
  longInput: { name: 'longInput', inputTokens: 8000, inputSpread: 0.5, outputTokens: 280, outputSpread: 0.5 },
  longOutput: {
    name: 'longOutput',
    inputTokens: 500,
    inputSpread: 0.6,
    outputTokens: 650,
    outputSpread: 1.2,
  },
} as const satisfies Record<string, Shape>;

/** 70 % chat, 15 % long input, 15 % output with a heavy tail. */
const mixed = (random: Random): Shape => {
  const at = random();
  if (at < 0.7) return SHAPES.chat;
  return at < 0.85 ? SHAPES.longInput : SHAPES.longOutput;
};

export interface TrafficOptions {
  readonly seed: string;
  readonly count: number;
  /** 0: all at once. */
  readonly perSecond?: number;
  readonly startsAtMs?: number;
  readonly tenant?: string;
  readonly priority?: Priority;
  readonly shape?: Shape;
  /** `max_tokens` is up to so many times the real output. */
  readonly overshoot?: number;
  /** Just so many times, for every request. */
  readonly fixedOvershoot?: number;
  readonly maxTokens?: number;
  /** The estimates of input are so many times the truth, ... */
  readonly estimateBias?: number;
  /** ... give or take: sigma of a lognormal spread. */
  readonly estimateSpread?: number;
}

export const MOST_OUTPUT_TOKENS = 16_000;
const MOST_MAX_TOKENS = 16_000;

const gap = (random: Random, perSecond: number): number => (-Math.log(1 - random()) / perSecond) * 1000;

const tokensOf = (median: number, spread: number, random: Random): number =>
  Math.max(1, Math.round(median * lognormal(random, spread)));

const maxTokensOf = (options: TrafficOptions, outputTokens: number, random: Random): number => {
  if (options.maxTokens !== undefined) return options.maxTokens;
  const overshoot = options.fixedOvershoot ?? (options.overshoot ?? 20) ** random();
  return Math.max(outputTokens, Math.min(MOST_MAX_TOKENS, Math.ceil(outputTokens * overshoot)));
};

const createRequest = (
  options: TrafficOptions,
  id: string,
  arrivesAtMs: number,
  random: Random,
): SimulatedRequest => {
  const shape = options.shape ?? mixed(random);
  const inputTokens = tokensOf(shape.inputTokens, shape.inputSpread, random);
  const most = options.maxTokens ?? MOST_OUTPUT_TOKENS;
  const outputTokens = Math.min(most, tokensOf(shape.outputTokens, shape.outputSpread, random));
  const error = (options.estimateBias ?? 1) * lognormal(random, options.estimateSpread ?? 0.08);
  return {
    id,
    tenant: options.tenant ?? 'default',
    priority: options.priority ?? 'normal',
    arrivesAtMs,
    inputTokens,
    estimatedTokens: Math.max(1, Math.round(inputTokens * error)),
    outputTokens,
    maxTokens: maxTokensOf(options, outputTokens, random),
  };
};

/** Requests as clients send them: all at once, or at random with an even rate. The same seed gives the same. */
export const createTraffic = (options: TrafficOptions): readonly SimulatedRequest[] => {
  const { seed, count, perSecond = 0, startsAtMs = 0, tenant = 'default', priority = 'normal' } = options;
  const random = randomFrom('traffic', seed, tenant, priority);
  let atMs = startsAtMs;
  return Array.from({ length: count }, (_, index) => {
    if (perSecond > 0) atMs += gap(random, perSecond);
    return createRequest(options, `${tenant}-${priority}-${index}`, atMs, random);
  });
};

export const isPriority = (text: unknown): text is Priority => PRIORITIES.some((name) => name === text);
