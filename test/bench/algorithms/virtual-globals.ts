import type { EventQueue } from '../../../cli/simulate/event-queue.ts';
import type { Random } from '../../../local/bedrock/seeded-random.ts';

type Callback = (...args: unknown[]) => void;

interface VirtualTimer {
  stopped: boolean;
  ref(): VirtualTimer;
  unref(): VirtualTimer;
}

const createTimer = (): VirtualTimer => {
  const timer: VirtualTimer = { stopped: false, ref: () => timer, unref: () => timer };
  return timer;
};

const stop = (timer: VirtualTimer | undefined): void => {
  if (timer !== undefined) timer.stopped = true;
};

/** Timers that nobody waits for in real time. */
const virtualTimers = (events: EventQueue) => {
  const after = (delayMs: number, run: () => void): void =>
    events.at(events.nowMs() + Math.max(0, delayMs), run);
  return {
    setTimeout: (run: Callback, delayMs = 0, ...args: unknown[]): VirtualTimer => {
      const timer = createTimer();
      after(delayMs, () => {
        if (!timer.stopped) run(...args);
      });
      return timer;
    },
    setInterval: (run: Callback, delayMs = 0, ...args: unknown[]): VirtualTimer => {
      const timer = createTimer();
      const again = (): void => {
        if (timer.stopped) return;
        run(...args);
        after(delayMs, again);
      };
      after(delayMs, again);
      return timer;
    },
    clearTimeout: stop,
    clearInterval: stop,
  };
};

/**
 * Libraries run as they are, on the clock, timers and randomness of the simulation. Answers with how to give the real
 * ones back.
 */
export const enterVirtualTime = (events: EventQueue, random: Random): (() => void) => {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const { now } = Date;
  const { random: chance } = Math;
  Object.assign(globalThis, virtualTimers(events));
  Date.now = () => Math.floor(events.nowMs());
  Math.random = random;
  return () => {
    Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval });
    Date.now = now;
    Math.random = chance;
  };
};

/** Promises that are due have run by then. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
