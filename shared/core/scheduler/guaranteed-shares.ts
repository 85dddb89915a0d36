import { PRIORITIES, type Priority } from '../../contract/priorities.ts';

/** Of all tokens, what the lower classes get however much waits above them. */
export const GUARANTEED: Readonly<Record<Priority, number>> = { high: 0, normal: 0.2, low: 0.05 };

/** Credit is kept for so many requests of the size at the head: enough to wait for a large one, too little to flood. */
const MOST_CREDIT = 2;
/** For the sums of fractions. */
const HAIR = 1e-6;

/**
 * Each token that is served earns the waiting lower classes their share of it; a class that has earned what its next
 * request costs goes before the classes above. Without ageing: nothing waits for long and then floods.
 */
export interface GuaranteedShares {
  served(priority: Priority, tokens: number, waits: (priority: Priority) => boolean): void;
  isDue(priority: Priority, costTokens: number): boolean;
}

export const createGuaranteedShares = (): GuaranteedShares => {
  const credit: Record<Priority, number> = { high: 0, normal: 0, low: 0 };
  return {
    served: (priority, tokens, waits) => {
      for (const name of PRIORITIES) {
        credit[name] += GUARANTEED[name] * tokens;
        // What is served beyond the share leaves no debt worth mentioning, and who does not wait saves nothing up.
        if (name === priority) credit[name] = Math.max(credit[name] - tokens, -tokens);
        if (!waits(name)) credit[name] = Math.min(credit[name], 0);
      }
    },
    isDue: (priority, costTokens) => {
      if (GUARANTEED[priority] === 0) return false;
      credit[priority] = Math.min(credit[priority], MOST_CREDIT * costTokens);
      return credit[priority] + HAIR >= costTokens;
    },
  };
};
