import { createBell } from './bell.ts';
import type { DrainDeps } from './drain-deps.ts';
import { FLUSH_MS, FLUSH_RESULTS, FLUSHES_AT_ONCE } from './drain-timing.ts';
import type { Staged } from './held-requests.ts';
import { settleResults } from './settle-results.ts';
import type { Finished } from './settling.ts';

export interface Settler {
  add(finished: Finished): void;
  /** Flushes until closed and empty. */
  run(): Promise<void>;
  close(): void;
}

/** Gathers results into flushes: every 500 ms, or every 100 results. */
export const createSettler = (
  pool: string,
  onDone: (batch: readonly Finished[], settled: readonly Staged[]) => void,
  deps: DrainDeps,
): Settler => {
  const bell = createBell(deps.clock);
  const waiting: Finished[] = [];
  const flushing = new Set<Promise<void>>();
  let closed = false;
  let nextFlushAtMs = 0;

  const flush = async (): Promise<void> => {
    const batch = waiting.splice(0, FLUSH_RESULTS);
    try {
      onDone(batch, await settleResults(pool, batch, deps));
    } catch (error) {
      // Nothing is lost: the lane messages come again, and their attempts are marked as unknown.
      deps.telemetry.log('error', 'flush_failed', { pool, results: batch.length, error: String(error) });
      onDone(batch, []);
    }
    deps.telemetry.flush();
  };

  const startFlush = (): void => {
    const flushed = flush().finally(() => flushing.delete(flushed));
    flushing.add(flushed);
  };

  return {
    add: (finished) => {
      if (waiting.length === 0) nextFlushAtMs = deps.clock.monotonicMs() + FLUSH_MS;
      waiting.push(finished);
      if (waiting.length === 1 || waiting.length >= FLUSH_RESULTS) bell.ring();
    },
    run: async () => {
      while (!closed || waiting.length > 0) {
        const dueInMs = nextFlushAtMs - deps.clock.monotonicMs();
        const due = waiting.length >= FLUSH_RESULTS || (waiting.length > 0 && (closed || dueInMs <= 0));
        if (!due) await bell.wait(waiting.length > 0 ? dueInMs : FLUSH_MS);
        else if (flushing.size < FLUSHES_AT_ONCE) startFlush();
        else await Promise.race(flushing);
      }
      await Promise.all(flushing);
    },
    close: () => {
      closed = true;
      bell.ring();
    },
  };
};
