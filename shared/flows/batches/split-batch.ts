import { endDistantMembers } from './end-distant-members.ts';
import { holdMembers } from './hold-members.ts';
import type { IsTimeShort, SplitDeps } from './split-deps.ts';
import { validateUpload } from './validate-upload.ts';

export interface SplitInput {
  readonly batchId: string;
  /** How long the function may still run. */
  readonly remainingMs: () => number;
}

/**
 * Done: the message can go. No time: it is to come again at once. Much, little room: later, when the tenant
 * may have room for more. Overtaken: it must stay for whoever is ahead, should they die.
 */
export type SplitOutcome = 'done' | 'no_time' | 'much_room' | 'little_room' | 'overtaken';

/** What a chunk may take when the stores are slow: with less left, nothing is begun. */
const STOP_BEFORE_END_MS = 30_000;

const split = async (batchId: string, isTimeShort: IsTimeShort, deps: SplitDeps): Promise<SplitOutcome> => {
  const found = await deps.batches.read(batchId);
  if (found?.status === 'validating') {
    const validation = await validateUpload(found, isTimeShort, deps);
    // Whatever became of it, by this delivery or another: its state says what is left to do.
    return validation === 'no_time' ? 'no_time' : split(batchId, isTimeShort, deps);
  }
  if (found?.status !== 'in_progress' && found?.status !== 'canceling') return 'done';
  if (!(await endDistantMembers(found, isTimeShort, deps))) return 'no_time';
  const held = await holdMembers(found, isTimeShort, deps);
  if (held !== 'held' && held !== 'over') return held;
  deps.telemetry.log('info', 'batch_held', { batch_id: batchId, total: found.total, outcome: held });
  return 'done';
};

/** Brings a batch forward from wherever it is: checks it, then holds its requests, as far as time allows. */
export const createSplitBatch =
  (deps: SplitDeps) =>
  ({ batchId, remainingMs }: SplitInput): Promise<SplitOutcome> =>
    split(batchId, () => remainingMs() < STOP_BEFORE_END_MS, deps);
