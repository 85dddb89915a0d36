import type { SecondOfUse } from './truth.ts';

type Use = Partial<Omit<SecondOfUse, 'at_s'>>;

export interface UseSeries {
  readonly add: (use: Use, nowMs: number) => void;
  readonly lastHour: (nowMs: number) => SecondOfUse[];
}

const keptSeconds = 3_600;

/** One slot for each second of an hour, taken over by the same second of the next hour. */
export function createUseSeries(): UseSeries {
  const slots = new Map<number, SecondOfUse>();
  return {
    add: (use, nowMs) => {
      const second = Math.floor(nowMs / 1000);
      const slot = slots.get(second % keptSeconds);
      const before =
        slot?.at_s === second ? slot : { at_s: second, settled_tokens: 0, admitted: 0, refused: 0 };
      slots.set(second % keptSeconds, {
        at_s: second,
        settled_tokens: before.settled_tokens + (use.settled_tokens ?? 0),
        admitted: before.admitted + (use.admitted ?? 0),
        refused: before.refused + (use.refused ?? 0),
      });
    },
    lastHour: (nowMs) => {
      const since = Math.floor(nowMs / 1000) - keptSeconds;
      return [...slots.values()].filter(({ at_s }) => at_s > since).sort((a, b) => a.at_s - b.at_s);
    },
  };
}
