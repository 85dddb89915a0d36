import type { Service } from './service.ts';
import type { Wait } from './wait.ts';

export interface ScaledTimeOptions {
  readonly timeScale: number;
  readonly clock: () => number;
  readonly wait: Wait;
}

/** Simulated time begins as the given clock and runs so many times faster. */
export function scaledTime({ timeScale, clock, wait }: ScaledTimeOptions): Pick<Service, 'clock' | 'wait'> {
  const startMs = clock();
  return {
    clock: () => startMs + (clock() - startMs) * timeScale,
    wait: (ms, signal) => wait(ms / timeScale, signal),
  };
}

export function steadyClock(): number {
  return performance.timeOrigin + performance.now();
}
