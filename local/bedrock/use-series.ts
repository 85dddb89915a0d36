import type { Amounts } from './quota/quota.ts';
import type { SecondOfUse } from './truth.ts';

export type Use = Omit<SecondOfUse, 'settled_tokens'>;

export interface UseSeries {
  readonly add: (use: Partial<Omit<Use, 'at_s'>>, nowMs: number) => void;
  /** At most one hour. */
  readonly last: (seconds: number, nowMs: number) => Use[];
  readonly reset: () => void;
}

export const keptSeconds = 3_600;

/** One slot for each second of an hour, taken over by the same second of the next hour. */
export function createUseSeries(): UseSeries {
  const slots = new Map<number, Use>();
  return {
    add: (use, nowMs) => {
      const second = Math.floor(nowMs / 1000);
      const slot = slots.get(second % keptSeconds);
      const before = slot?.at_s === second ? slot : { at_s: second, settled: {}, admitted: 0, refused: 0 };
      slots.set(second % keptSeconds, {
        at_s: second,
        settled: addAmounts(before.settled, use.settled ?? {}),
        admitted: before.admitted + (use.admitted ?? 0),
        refused: before.refused + (use.refused ?? 0),
      });
    },
    last: (seconds, nowMs) => {
      const since = Math.floor(nowMs / 1000) - Math.min(seconds, keptSeconds);
      return [...slots.values()].filter(({ at_s }) => at_s > since).sort((a, b) => a.at_s - b.at_s);
    },
    reset: () => slots.clear(),
  };
}

function addAmounts(before: Amounts, more: Amounts): Amounts {
  const sums: Record<string, number> = { ...before };
  for (const [name, amount] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + amount;
  return sums;
}
