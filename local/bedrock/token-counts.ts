import type { InputUse } from './quota/token-rules.ts';

/** As CloudWatch counts them, by its names. */
export type TokenMetric = 'InputTokenCount' | 'OutputTokenCount' | 'CacheWriteInputTokens';

export interface TokenCounts {
  add(input: InputUse, outputTokens: number, nowMs: number): void;
  /** Sums of whole periods, oldest first; those without calls are left out. */
  sums(metric: TokenMetric, span: CountedSpan): readonly (readonly [atSeconds: number, sum: number])[];
}

export interface CountedSpan {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly periodSeconds: number;
}

const MINUTE_SECONDS = 60;
const KEPT_MINUTES = 180;

/** Tokens of each minute of the last three hours. */
export const createTokenCounts = (): TokenCounts => {
  const minutes = new Map<number, Readonly<Record<TokenMetric, number>>>();
  return {
    add: (input, outputTokens, nowMs) => {
      const minute = Math.floor(nowMs / 1000 / MINUTE_SECONDS);
      const before = minutes.get(minute);
      minutes.set(minute, {
        InputTokenCount: (before?.InputTokenCount ?? 0) + input.inputTokens,
        OutputTokenCount: (before?.OutputTokenCount ?? 0) + outputTokens,
        CacheWriteInputTokens: (before?.CacheWriteInputTokens ?? 0) + input.cacheWriteInputTokens,
      });
      for (const old of minutes.keys()) if (old < minute - KEPT_MINUTES) minutes.delete(old);
    },
    sums: (metric, { fromSeconds, toSeconds, periodSeconds }) => {
      const sums = new Map<number, number>();
      for (const [minute, counts] of minutes) {
        const seconds = minute * MINUTE_SECONDS;
        if (seconds < fromSeconds || seconds >= toSeconds) continue;
        const period = Math.floor(seconds / periodSeconds) * periodSeconds;
        sums.set(period, (sums.get(period) ?? 0) + counts[metric]);
      }
      return [...sums].sort(([one], [other]) => one - other);
    },
  };
};
