import type { RequestItem } from '../contract/request-item.ts';

/** Crashed so often, a request is run under suspicion: one at a time. */
export const SUSPECT_AFTER_CRASHES = 2;
/** Crashed so often under suspicion, it is not run any more. */
export const CONDEMNED_AFTER_CRASHES = 2;

/** What is known of the owners of a pool. */
export interface OwnerKnowledge {
  /** Epochs that may still have calls under way; an older one that is missing has certainly ended. */
  readonly liveEpochs: readonly number[];
  /** Those that ended without saying so. */
  readonly fallenEpochs?: readonly number[];
  /** By epoch, live or fallen: the request under suspicion that it had in flight. */
  readonly suspects?: Readonly<Record<number, string>>;
}

export type Crashes = Pick<RequestItem, 'crashes' | 'suspectCrashes'>;

/**
 * Crashes of a request, the attempt included that nobody told the outcome of, once that has certainly ended.
 *
 *   its owner said that it had ended      none: its answer could not be written down
 *   another request was under suspicion   none: the crash counts against that one alone
 *   it was under suspicion itself         one under suspicion
 *   anything else                         one
 */
export const crashesSoFar = (item: RequestItem, owners: OwnerKnowledge): Crashes => {
  const { crashes, suspectCrashes } = item;
  const last = item.attemptLog.at(-1);
  if (item.status !== 'running' || last === undefined || last.outcome !== undefined)
    return { crashes, suspectCrashes };
  const { liveEpochs, fallenEpochs = [], suspects = {} } = owners;
  const diedAtWork = liveEpochs.includes(last.epoch) || fallenEpochs.includes(last.epoch);
  const suspect = suspects[last.epoch];
  if (!diedAtWork || (suspect !== undefined && suspect !== item.requestId))
    return { crashes, suspectCrashes };
  return last.suspect
    ? { crashes: crashes + 1, suspectCrashes: suspectCrashes + 1 }
    : { crashes: crashes + 1, suspectCrashes };
};

export const isSuspect = ({ crashes }: Crashes): boolean => crashes >= SUSPECT_AFTER_CRASHES;

export const isCondemned = ({ suspectCrashes }: Crashes): boolean =>
  suspectCrashes >= CONDEMNED_AFTER_CRASHES;
