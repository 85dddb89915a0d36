import type { Clock } from '../../shared/ports/clock.ts';
import type { Around } from './interpose.ts';

/** The process that a flow runs in: it can be frozen, as Lambda does, and killed. */
export interface SimulatedProcess {
  readonly clock: Clock;
  /** Between its flows and the ports. What the world has begun goes on; its answer waits, or never comes. */
  readonly around: Around;
  pause(): void;
  resume(): void;
  /** Nothing of it ever runs again, not even a `finally`. */
  kill(): void;
}

export const createSimulatedProcess = (worldClock: Clock): SimulatedProcess => {
  let gate = Promise.resolve();
  let open = (): void => {};
  let isPaused = false;
  const pause = (): void => {
    // Whoever stands still already waits at the gate that there is.
    if (isPaused) return;
    isPaused = true;
    gate = new Promise((resolve) => {
      open = resolve;
    });
  };
  const pass = async (): Promise<void> => {
    for (let passed: unknown; passed !== gate; await gate) passed = gate;
  };
  return {
    clock: {
      nowMs: () => worldClock.nowMs(),
      monotonicMs: () => worldClock.monotonicMs(),
      sleep: async (durationMs, signal) => {
        await worldClock.sleep(durationMs, signal);
        await pass();
      },
    },
    around: async (_, perform) => {
      await pass();
      try {
        return await perform();
      } finally {
        await pass();
      }
    },
    pause,
    resume: () => {
      isPaused = false;
      open();
    },
    kill: () => {
      gate = new Promise(() => {});
    },
  };
};
