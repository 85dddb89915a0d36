import type { Priority } from '../contract/priorities.ts';
import { type EarlierEnd, generationOf, type RequestItem } from '../contract/request-item.ts';
import { SUSPECT_AFTER_CRASHES } from './suspicion.ts';

/** A request that failed is to run again. */
export interface Reopening {
  /** As it was read: failed. */
  readonly seen: RequestItem;
  readonly pool: string;
  readonly priority: Priority;
  readonly expiresAtMs: number;
  readonly atMs: number;
  /** Under which its text lies in the bucket already; no other reopening has the same. */
  readonly textId: string;
}

const KEPT_ENDS = 3;

const endOf = (seen: RequestItem): EarlierEnd => ({
  generation: generationOf(seen),
  errorCode: seen.errorCode,
  finishedAtMs: seen.finishedAtMs ?? 0,
  attempts: seen.attempts,
  attemptLog: seen.attemptLog,
  ...(seen.result === undefined ? {} : { result: seen.result }),
});

/**
 * The item of a reopened request: its next generation, with all its attempts before it, and its last ends kept. What
 * ended drains begins under suspicion, so that nothing else is called beside it without need.
 */
export const toReopened = (reopening: Reopening): RequestItem => {
  const { seen, pool, priority, expiresAtMs, atMs, textId } = reopening;
  return {
    requestId: seen.requestId,
    customId: seen.customId,
    tenant: seen.tenant,
    pool,
    priority,
    status: 'queued',
    fingerprint: seen.fingerprint,
    acceptedAtMs: seen.acceptedAtMs,
    expiresAtMs,
    ...(seen.batch === undefined ? {} : { batch: seen.batch }),
    // Told as a claim, so that no write that saw the life before can be taken for one that saw this.
    claims: seen.claims + 1,
    attempts: 0,
    serviceFaults: 0,
    crashes: seen.errorCode === 'crashed_drain' ? SUSPECT_AFTER_CRASHES : 0,
    suspectCrashes: 0,
    attemptLog: [],
    generation: generationOf(seen) + 1,
    reopenedAtMs: atMs,
    textId,
    earlier: [...(seen.earlier ?? []), endOf(seen)].slice(-KEPT_ENDS),
  };
};
