import type { Candidate } from './examine.ts';
import { type WakeDeps, wakePool } from './wake-pools.ts';

/** A tenant that is refused is asked about so often at most, by each process. */
const ASK_EVERY_MS = 60_000;
const MOST_REMEMBERED = 10_000;

export type DoubtCounts = (refused: readonly Candidate[]) => Promise<void>;

/**
 * A count that leaked, because somebody counted and died before he sent, is set right when its tenant is served next.
 * One who is refused at the door is never served: his pool is woken for him, and sets his count right if it is empty.
 */
export const createDoubtCounts = (deps: WakeDeps): DoubtCounts => {
  const askedAtMs = new Map<string, number>();

  const isToBeAsked = (pool: string, tenant: string): boolean => {
    const key = JSON.stringify([pool, tenant]);
    const nowMs = deps.clock.nowMs();
    if (nowMs - (askedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < ASK_EVERY_MS) return false;
    if (askedAtMs.size >= MOST_REMEMBERED) askedAtMs.clear();
    askedAtMs.set(key, nowMs);
    return true;
  };

  return async (refused) => {
    const wakes = refused
      .map(({ fresh: { item } }) => ({ pool: item.pool, tenant: item.tenant }))
      .filter(({ pool, tenant }) => isToBeAsked(pool, tenant));
    await Promise.all(wakes.map((wake) => wakePool(wake, deps)));
  };
};
