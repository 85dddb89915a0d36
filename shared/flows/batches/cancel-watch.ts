import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';

/** A cancel is noticed by then. */
const LOOK_AGAIN_MS = 1000;

/** Whether a batch was canceled: to be asked before each claim of a member. */
export type CancelWatch = (batchId: string) => Promise<boolean>;

interface Look {
  readonly atMs: number;
  readonly canceled: Promise<boolean>;
}

/**
 * Reads the flag of a batch at most once a second, however many of its members ask, and never again once it is set.
 * One for each drain: it remembers every batch that it met.
 */
export const createCancelWatch = (deps: {
  readonly batches: BatchStore;
  readonly clock: Clock;
}): CancelWatch => {
  const looks = new Map<string, Look>();
  const known = new Set<string>();
  const look = async (batchId: string): Promise<boolean> => {
    const isCanceled = (await deps.batches.read(batchId))?.cancelInitiatedAtMs !== undefined;
    if (isCanceled) known.add(batchId);
    return isCanceled;
  };
  return async (batchId) => {
    if (known.has(batchId)) return true;
    const nowMs = deps.clock.monotonicMs();
    const last = looks.get(batchId);
    if (last !== undefined && nowMs - last.atMs < LOOK_AGAIN_MS) return last.canceled;
    const canceled = look(batchId);
    looks.set(batchId, { atMs: nowMs, canceled });
    return canceled;
  };
};
