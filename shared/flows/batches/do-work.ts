import { nextWaitSeconds, retryWaitSeconds } from '../../core/batch-wait.ts';
import type { Receipt } from '../../ports/queues.ts';
import { sendWorkLater } from './send-work.ts';
import { createSplitBatch, type SplitOutcome } from './split-batch.ts';
import type { SplitDeps } from './split-deps.ts';

/** How long a splitter that was killed keeps its message from the next. */
export const HIDDEN_SECONDS = 60;
const EXTEND_MS = 20_000;

export interface WorkInput {
  readonly batchId: string;
  readonly receipt: Receipt;
  /** How often its message was received, this time included. */
  readonly receives: number;
  /** How long it waited for room before it was sent. */
  readonly waitSeconds?: number | undefined;
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

/**
 * A message anew for each wait: SQS gives one up that was received too often, and a batch may wait for days. Killed
 * between the two there are two of them, which does no harm.
 */
const waitForRoom = async (
  { batchId, receipt, waitSeconds }: WorkInput,
  found: 'little_room' | 'much_room',
  deps: SplitDeps,
): Promise<WorkOutcome> => {
  const seconds = nextWaitSeconds(waitSeconds, found);
  deps.telemetry.log('info', 'batch_waits', { batch_id: batchId, seconds });
  if (await sendWorkLater(batchId, seconds, deps)) return 'done';
  await hide(receipt, seconds, deps);
  return 'again';
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
    if (outcome === 'much_room' || outcome === 'little_room') return waitForRoom(input, outcome, deps);
    const hiddenSeconds = outcome === 'no_time' ? 0 : retryWaitSeconds(input.receives);
    await hide(input.receipt, hiddenSeconds, deps);
    return 'again';
  };
