import type { Receipt } from '../../ports/queues.ts';
import { createSplitBatch, type SplitOutcome } from './split-batch.ts';
import type { SplitDeps } from './split-deps.ts';

/** How long a splitter that was killed keeps its message from the next. */
export const HIDDEN_SECONDS = 60;
const EXTEND_MS = 20_000;
/** How long a batch waits for room when it found none. Its queue's receives last for a week of such waits. */
export const FULL_SECONDS = 600;

export interface WorkInput {
  readonly batchId: string;
  readonly receipt: Receipt;
  readonly remainingMs: () => number;
}

/** Whether the message is done with; what is not comes again. */
export type WorkOutcome = 'done' | 'again';

const hide = async (receipt: Receipt, seconds: number, { queues, telemetry }: SplitDeps): Promise<void> => {
  try {
    await queues.setVisibility([receipt], seconds);
  } catch (error) {
    // Seen too early it is harmless, too late it costs minutes: neither is worth stopping for.
    telemetry.log('warn', 'message_not_hidden', { queue: receipt.queue, error: String(error) });
  }
};

/** The mapping hid the message for as long as the function may run; a shorter time is renewed while it lives. */
const keepHidden = async (receipt: Receipt, signal: AbortSignal, deps: SplitDeps): Promise<void> => {
  while (!signal.aborted) {
    await hide(receipt, HIDDEN_SECONDS, deps);
    await deps.clock.sleep(EXTEND_MS, signal);
  }
};

const splitSafely = async (
  { batchId, remainingMs }: WorkInput,
  deps: SplitDeps,
): Promise<SplitOutcome | 'failed'> => {
  try {
    return await createSplitBatch(deps)({ batchId, remainingMs });
  } catch (error) {
    deps.telemetry.log('error', 'batch_not_split', { batch_id: batchId, error: String(error) });
    return 'failed';
  }
};

/** One message of the splitter's queue. */
export const createDoWork =
  (deps: SplitDeps) =>
  async (input: WorkInput): Promise<WorkOutcome> => {
    const working = new AbortController();
    const hiding = keepHidden(input.receipt, working.signal, deps);
    const outcome = await splitSafely(input, deps);
    working.abort();
    await hiding;
    if (outcome === 'done') return 'done';
    // What failed, was overtaken or found some room comes again when it would have been seen anyway.
    if (outcome === 'no_time') await hide(input.receipt, 0, deps);
    if (outcome === 'full') await hide(input.receipt, FULL_SECONDS, deps);
    return 'again';
  };
