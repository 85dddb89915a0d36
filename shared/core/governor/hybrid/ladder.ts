import { BELIEVE_LARGER_MOST_MS, BELIEVE_LARGER_MS } from './constants.ts';

/**
 * Mirrors of the service's bucket for several sizes at once. The largest that has not been contradicted is believed;
 * the smaller ones run along, so that a refusal can tell which of them had foreseen it.
 */
export interface Ladder {
  /** In seconds of quota. */
  believedSeconds(): number;
  level(): number;
  size(): number;
  refill(amount: number): void;
  take(hold: number): void;
  /** At most full. */
  give(amount: number): void;
  /** The largest smaller size that would refuse this hold. */
  refusedBy(hold: number): number | undefined;
  /** Believes in the size that foresaw a refusal, or one step down while the level is a guess. */
  contradict(foreseenBy: number): void;
  /** A refusal: whatever the mirror said, so little was there. */
  empty(most: number, nowMs: number): void;
  believeLarger(nowMs: number): void;
  save(): SavedLadder;
}

export interface LadderOptions {
  readonly sizesSeconds: readonly number[];
  /** What refills in a second; it changes. */
  readonly perSecond: () => number;
  readonly saved: SavedLadder | undefined;
}

export interface SavedLadder {
  readonly levels: readonly number[];
  readonly believed: number;
  readonly sure: boolean;
  readonly fails: readonly number[];
  readonly contradictedAtMs: number;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

export const createLadder = ({ sizesSeconds, perSecond, saved }: LadderOptions, startMs: number): Ladder => {
  const top = sizesSeconds.length - 1;
  const sizeOf = (index: number): number => (sizesSeconds[index] ?? 0) * perSecond();
  const levels = sizesSeconds.map((_, index) =>
    Math.min(saved?.levels[index] ?? Number.POSITIVE_INFINITY, sizeOf(index)),
  );
  const fails = sizesSeconds.map((_, index) => saved?.fails[index] ?? 0);
  let believed = Math.min(saved?.believed ?? top, top);
  let sure = saved?.sure ?? true;
  let contradictedAtMs = saved?.contradictedAtMs ?? startMs;

  const levelOf = (index: number): number => levels[index] ?? 0;
  const addToAll = (amount: number): void => {
    for (let index = 0; index <= top; index++)
      levels[index] = Math.min(levelOf(index) + amount, sizeOf(index));
    if (levelOf(believed) >= sizeOf(believed)) sure = true;
  };

  return {
    believedSeconds: () => sizesSeconds[believed] ?? 0,
    level: () => levelOf(believed),
    size: () => sizeOf(believed),
    refill: addToAll,
    take: (hold) => {
      for (let index = 0; index <= top; index++) {
        const left = levelOf(index) - hold;
        // An admitted call proves that the bucket held it. Without this, believing in a smaller size would begin
        // with a debt of many seconds that only the mirror knows of.
        levels[index] = index < believed ? Math.max(left, Math.min(0, sizeOf(index) - hold)) : left;
      }
    },
    give: (amount) => {
      for (let index = 0; index <= top; index++)
        levels[index] = Math.min(levelOf(index) + amount, sizeOf(index));
    },
    refusedBy: (hold) => {
      for (let index = believed - 1; index >= 0; index--)
        if (levelOf(index) < Math.min(hold, sizeOf(index))) return index;
      return undefined;
    },
    contradict: (foreseenBy) => {
      const next = sure ? foreseenBy : believed - 1;
      for (let index = next + 1; index <= believed; index++) fails[index] = (fails[index] ?? 0) + 1;
      believed = next;
    },
    empty: (most, nowMs) => {
      for (let index = 0; index <= top; index++) levels[index] = Math.min(levelOf(index), most);
      sure = false;
      contradictedAtMs = nowMs;
    },
    believeLarger: (nowMs) => {
      if (believed === top) return;
      const patienceMs = BELIEVE_LARGER_MS * 2 ** (fails[believed + 1] ?? 0);
      if (nowMs - contradictedAtMs < Math.min(patienceMs, BELIEVE_LARGER_MOST_MS)) return;
      believed += 1;
      contradictedAtMs = nowMs;
    },
    save: () => ({ levels: levels.map(round), believed, sure, fails: [...fails], contradictedAtMs }),
  };
};
