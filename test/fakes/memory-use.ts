import type { UseReading } from '../../shared/contract/use-reading.ts';
import { type TokensUsed, type UseByWindow, WINDOW_MS } from '../../shared/core/quota/others-use.ts';
import type { AccountUse, OwnUse, UseReadings } from '../../shared/ports/account-use.ts';
import type { MemoryLedger } from './memory-ledger.ts';

const NONE: TokensUsed = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0 };

const sumByWindow = (uses: readonly (TokensUsed & { readonly atMs: number })[]): UseByWindow => {
  const sums = new Map<number, TokensUsed>();
  for (const { atMs, inputTokens, outputTokens, cacheWriteTokens } of uses) {
    const window = Math.floor(atMs / WINDOW_MS) * WINDOW_MS;
    const before = sums.get(window) ?? NONE;
    sums.set(window, {
      inputTokens: before.inputTokens + inputTokens,
      outputTokens: before.outputTokens + outputTokens,
      cacheWriteTokens: before.cacheWriteTokens + cacheWriteTokens,
    });
  }
  return sums;
};

/** Of one model, or of whichever is asked for. */
export type Used = TokensUsed & { readonly atMs: number; readonly modelId?: string };

export interface MemoryAccountUse extends AccountUse {
  /** What the whole account used, by time; an error is what every look ends in. */
  tell(uses: readonly Used[] | Error): void;
  readonly looks: () => number;
}

export const createMemoryAccountUse = (): MemoryAccountUse => {
  let told: readonly Used[] | Error = [];
  let looks = 0;
  return {
    ofModel: async (asked, { fromMs, toMs }) => {
      looks += 1;
      if (told instanceof Error) throw told;
      return sumByWindow(
        told.filter(({ atMs, modelId = asked }) => modelId === asked && atMs >= fromMs && atMs < toMs),
      );
    },
    tell: (uses) => {
      told = uses;
    },
    looks: () => looks,
  };
};

export const createMemoryOwnUse = (ledger: Pick<MemoryLedger, 'entries'>): OwnUse => ({
  ofPool: async (name, { fromMs, toMs }) =>
    sumByWindow(ledger.entries().filter(({ pool, atMs }) => pool === name && atMs >= fromMs && atMs < toMs)),
});

export const createMemoryUseReadings = (): UseReadings => {
  const readings = new Map<string, UseReading>();
  return {
    read: async (pool) => readings.get(pool),
    write: async (pool, reading) => {
      readings.set(pool, reading);
    },
  };
};
