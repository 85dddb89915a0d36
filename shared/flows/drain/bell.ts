import type { Clock } from '../../ports/clock.ts';

/** Wakes a loop that waits for something to change; a ring between two waits is not lost. */
export interface Bell {
  ring(): void;
  /** Until the next ring, or so long. */
  wait(atMostMs: number): Promise<void>;
}

export const createBell = (clock: Clock): Bell => {
  let rung = false;
  let waiting: AbortController | undefined;
  return {
    ring: () => {
      rung = true;
      waiting?.abort();
    },
    wait: async (atMostMs) => {
      if (!rung) {
        waiting = new AbortController();
        await clock.sleep(atMostMs, waiting.signal);
        waiting = undefined;
      }
      rung = false;
    },
  };
};
