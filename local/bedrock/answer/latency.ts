import { lognormal, type Random } from '../seeded-random.ts';

/** InvocationLatency = time to first token + output tokens / tokens per second. */
export interface Latency {
  readonly ttftMs: number;
  readonly generationMs: number;
}

export interface LatencyModel {
  readonly ttftMs: number;
  readonly outputTokensPerSecond: number;
  /** 1 is real time, 0 answers at once. */
  readonly latencyScale: number;
}

const ttftSigma = 0.25;
const speedSigma = 0.15;
const refusalMs = { min: 30, max: 80 } as const;

export function answerLatency(model: LatencyModel, outputTokens: number, random: Random): Latency {
  const ttftMs = model.ttftMs * lognormal(random, ttftSigma);
  const tokensPerSecond = model.outputTokensPerSecond * lognormal(random, speedSigma);
  return {
    ttftMs: ttftMs * model.latencyScale,
    generationMs: (outputTokens / tokensPerSecond) * 1000 * model.latencyScale,
  };
}

export function refusalLatencyMs(latencyScale: number, random: Random): number {
  return (refusalMs.min + (refusalMs.max - refusalMs.min) * random()) * latencyScale;
}

export function slowedDown({ ttftMs, generationMs }: Latency, factor: number): Latency {
  return { ttftMs: ttftMs * factor, generationMs: generationMs * factor };
}

export function totalMs({ ttftMs, generationMs }: Latency): number {
  return ttftMs + generationMs;
}

/** How much of the answer exists after this time. */
export function tokensProduced(latency: Latency, outputTokens: number, elapsedMs: number): number {
  const generatingMs = elapsedMs - latency.ttftMs;
  if (generatingMs <= 0) return 0;
  if (generatingMs >= latency.generationMs) return outputTokens;
  return Math.floor((outputTokens * generatingMs) / latency.generationMs);
}
