import type { Pool } from '../../contract/pools.ts';
import { createBell } from './bell.ts';
import { recordUsage } from './count-results.ts';
import {
  FLUSH_MS,
  FLUSH_RESULTS,
  FLUSHES_AT_ONCE,
  LEDGER_PATIENCE_MS,
  SETTLE_AGAIN_MS,
} from './drain-timing.ts';
import type { SettleDeps } from './settle-deps.ts';
import { settleResults } from './settle-results.ts';
import { createSettling, type Finished, type Segment, type Settling } from './settling.ts';

export interface Settler {
  add(finished: Finished): void;
  /** So much waits to be written down that no more should be asked of the model. */
  isFull(): boolean;
  /** Flushes until closed and empty, or until time is up. */
  run(): Promise<void>;
  close(): void;
}

export interface SettlerOptions {
  readonly pool: string;
  readonly poolSettings: Pool;
  /** Since 1970: what is not written down by then comes again from its lane. */
  readonly giveUpAtMs: number;
  /** They are out of hand: done with, or given up. */
  readonly onEnd: (settled: readonly Settling[]) => void;
  /** What is left of a tenant's count. */
  readonly onCounted: (tenant: string, count: number) => void;
}

/** Paid answers that wait for their stores: so many, or so large, at most. */
const MOST_WAITING = 2_000;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly settling: Settling;
  readonly addedAtMs: number;
  /** By the monotonic clock. */
  dueAtMs: number;
}

/**
 * Gathers results into flushes: every 500 ms, or every 100 results. What its stores do not take is kept and tried
 * again, for as long as the function lives.
 */
export const createSettler = (options: SettlerOptions, deps: SettleDeps): Settler => {
  const { clock, telemetry } = deps;
  const { pool, poolSettings, giveUpAtMs, onEnd, onCounted } = options;
  const bell = createBell(clock);
  const waiting = new Set<Waiting>();
  const flushing = new Map<Promise<void>, readonly Waiting[]>();
  /** Their lane messages may be gone already. */
  const unrecorded = new Set<Segment>();
  let closed = false;

  const recordLeft = async (): Promise<void> => {
    for (const segment of unrecorded) {
      if (!segment.isRecorded) await recordUsage(pool, segment, deps);
      if (!segment.isRecorded) return;
      unrecorded.delete(segment);
    }
  };

  /** Asked before each call of the model: nothing is copied for it. */
  const isFull = (): boolean => {
    let [results, bytes] = [0, 0];
    for (const entries of [waiting, ...flushing.values()])
      for (const { settling } of entries) {
        if (settling.isNotified) continue;
        results += 1;
        bytes += settling.sizeBytes;
      }
    return results >= MOST_WAITING || bytes >= MOST_WAITING_BYTES;
  };

  const flush = async (batch: readonly Waiting[]): Promise<void> => {
    const nowMs = clock.monotonicMs();
    const oldestMs = Math.min(...batch.map(({ addedAtMs }) => addedAtMs));
    const settlings = batch.map(({ settling }) => settling);
    try {
      // The ledger alone must not hold up everything else.
      await settleResults(pool, settlings, deps, {
        needsLedger: nowMs - oldestMs < LEDGER_PATIENCE_MS,
        onCounted,
      });
    } catch (error) {
      telemetry.log('error', 'flush_failed', { pool, results: batch.length, error: String(error) });
    }
    for (const { segment } of settlings) if (segment?.isRecorded === false) unrecorded.add(segment);
    for (const entry of batch) {
      if (entry.settling.isDone) continue;
      entry.dueAtMs = clock.monotonicMs() + SETTLE_AGAIN_MS;
      waiting.add(entry);
    }
    onEnd(settlings.filter(({ isDone }) => isDone));
    await recordLeft();
    telemetry.flush();
  };

  const dueNow = (): readonly Waiting[] => {
    const nowMs = clock.monotonicMs();
    const due = [...waiting].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    // A full flush does not wait for its time.
    const fresh = [...waiting].filter(({ addedAtMs, dueAtMs }) => dueAtMs - addedAtMs <= FLUSH_MS);
    if (due.length > 0 || (closed && fresh.length > 0) || fresh.length >= FLUSH_RESULTS)
      return [...new Set([...due, ...fresh])].slice(0, FLUSH_RESULTS);
    return [];
  };

  const startFlush = (batch: readonly Waiting[]): void => {
    for (const entry of batch) waiting.delete(entry);
    const flushed = flush(batch).finally(() => {
      flushing.delete(flushed);
      bell.ring();
    });
    flushing.set(flushed, batch);
  };

  const giveUp = (): void => {
    const left = [...waiting].map(({ settling }) => settling);
    waiting.clear();
    // They come again from their lanes, and their attempts are marked as unknown.
    telemetry.log('error', 'results_given_up', { pool, results: left.length });
    onEnd(left);
  };

  const untilDueMs = (): number => {
    const nextMs = Math.min(...[...waiting].map(({ dueAtMs }) => dueAtMs - clock.monotonicMs()));
    return Math.max(1, Math.min(FLUSH_MS, nextMs));
  };

  return {
    add: (finished) => {
      const addedAtMs = clock.monotonicMs();
      const settling = createSettling(finished, { pool: poolSettings, region: deps.region });
      waiting.add({ settling, addedAtMs, dueAtMs: addedAtMs + FLUSH_MS });
      if (waiting.size === 1 || waiting.size >= FLUSH_RESULTS) bell.ring();
    },
    isFull,
    run: async () => {
      while (!closed || waiting.size > 0 || flushing.size > 0) {
        if (clock.nowMs() >= giveUpAtMs) break;
        const isBusy = flushing.size >= FLUSHES_AT_ONCE;
        const batch = isBusy ? [] : dueNow();
        if (batch.length > 0) startFlush(batch);
        else await bell.wait(isBusy ? FLUSH_MS : untilDueMs());
      }
      if (waiting.size > 0) giveUp();
      await recordLeft();
    },
    close: () => {
      closed = true;
      bell.ring();
    },
  };
};
