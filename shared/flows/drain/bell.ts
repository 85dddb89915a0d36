import type { Clock } from '../../ports/clock.ts';

/** Wakes loops that wait for something to change; a ring while nobody waits is not lost. */
export interface Bell {
  ring(): void;
  /** Until the next ring, or so long. */
  wait(atMostMs: number): Promise<void>;
}

/** Without a reason each ring would make an error, with its stack, that nobody reads. */
const RUNG = 'rung';

export const createBell = (clock: Clock): Bell => {
  let rung = false;
  const waiting = new Set<AbortController>();
  return {
    ring: () => {
      rung = waiting.size === 0;
      for (const waiter of waiting) waiter.abort(RUNG);
    },
    wait: async (atMostMs) => {
      if (rung) {
        rung = false;
        return;
      }
      const waiter = new AbortController();
      waiting.add(waiter);
      await clock.sleep(atMostMs, waiter.signal);
      waiting.delete(waiter);
    },
  };
};
