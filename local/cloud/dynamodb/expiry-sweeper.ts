import { setTimeout as sleep } from 'node:timers/promises';
import { warn } from '../warn.ts';

/** AWS deletes within a few days. Who tests expiry does not want to wait, and who does not must not pay for it. */
const PAUSE_MS = 30_000;
/** A sweep reads whole tables: it may have this part of the time, so large tables are swept less often. */
const MAX_SHARE = 0.05;

export interface Sweeper {
  close(): Promise<void>;
}

/** Sweeps at once, and then again and again until it is closed. */
export function startSweeper(sweep: (signal: AbortSignal) => Promise<unknown>): Sweeper {
  const closing = new AbortController();
  const run = async () => {
    while (!closing.signal.aborted) {
      const startedAtMs = performance.now();
      await sweep(closing.signal).catch(warn);
      const pauseMs = pauseAfter(performance.now() - startedAtMs);
      await sleep(pauseMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  };
  const done = run();
  return {
    close: () => {
      closing.abort();
      return done;
    },
  };
}

export function pauseAfter(sweepMs: number): number {
  return Math.max(PAUSE_MS, sweepMs / MAX_SHARE - sweepMs);
}
