/** How often a tenant has its turn; the last half minute counts most. */
export interface TurnRate {
  turn(nowMs: number): void;
  /** Undefined while it has been watched for too short a time to tell. */
  perSecond(nowMs: number): number | undefined;
}

const MEMORY_MS = 30_000;
const SHORTEST_MS = 3_000;

export const createTurnRate = (sinceMs: number): TurnRate => {
  let turns = 0;
  let watchedMs = 0;
  let atMs = sinceMs;

  const fade = (nowMs: number): void => {
    const kept = Math.exp((atMs - nowMs) / MEMORY_MS);
    turns *= kept;
    watchedMs = watchedMs * kept + MEMORY_MS * (1 - kept);
    atMs = nowMs;
  };

  return {
    turn: (nowMs) => {
      fade(nowMs);
      turns += 1;
    },
    perSecond: (nowMs) => {
      fade(nowMs);
      return watchedMs < SHORTEST_MS ? undefined : (1000 * turns) / watchedMs;
    },
  };
};
