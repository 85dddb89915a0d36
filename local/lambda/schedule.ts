import { systemTimers, type Timers } from './timers.ts';

export interface ScheduleOptions {
  readonly everySeconds: number;
  readonly callback: () => Promise<void> | void;
  readonly onError?: (error: unknown) => void;
}

export interface Schedule {
  /** No more ticks; resolves when the callbacks still running are done. */
  stop(): Promise<void>;
}

const limits = { minSeconds: 1, maxSeconds: 86_400 };

/**
 * Ticks at once and then every N seconds, as an EventBridge rule does: a tick does not wait for the callback of
 * the one before, a failed one is not repeated, and ticks missed while the machine slept are not made up for.
 */
export function startSchedule(options: ScheduleOptions, timers: Timers = systemTimers): Schedule {
  const { everySeconds } = options;
  if (!(everySeconds >= limits.minSeconds && everySeconds <= limits.maxSeconds)) {
    throw new RangeError(
      `everySeconds is ${everySeconds}, but must be from ${limits.minSeconds} to ${limits.maxSeconds}`,
    );
  }
  const everyMs = everySeconds * 1000;
  const startedMs = timers.monotonicMs();
  const running = new Set<Promise<void>>();
  let cancelNext: () => void = () => {};
  let tickNumber = 0;

  const tick = (): void => {
    const task = runSafely(options).finally(() => running.delete(task));
    running.add(task);
    // Counted from the start, so that late timers do not add up to a drift and an early one does not tick twice.
    const elapsedMs = timers.monotonicMs() - startedMs;
    tickNumber = Math.max(tickNumber, Math.floor(elapsedMs / everyMs)) + 1;
    cancelNext = timers.after(tickNumber * everyMs - elapsedMs, tick);
  };
  tick();

  return {
    async stop() {
      cancelNext();
      await Promise.all(running);
    },
  };
}

async function runSafely({ callback, onError }: ScheduleOptions): Promise<void> {
  try {
    await callback();
  } catch (error) {
    onError?.(error);
  }
}
