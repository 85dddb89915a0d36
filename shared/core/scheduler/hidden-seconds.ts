/** Less is not worth its two calls. */
const SHORTEST_SECONDS = 15;
/** What a drain hides when it dies is found by nobody for so long at most. */
const LONGEST_SECONDS = 600;
/** Of the time until its turn, so that it is there before it is missed. */
const EARLIEST = 0.75;
const LATEST = 0.9;

const SLOWEST_PER_SECOND = 0.001;

export interface Ahead {
  /** Messages of the same tenant that are before it. */
  readonly before: number;
  /** Turns of this tenant, if that is known. */
  readonly perSecond: number | undefined;
}

/** How long to hide a message whose tenant has its places: until shortly before its turn, if turns go on as they came. */
export const hiddenSeconds = ({ before, perSecond }: Ahead, random: () => number): number => {
  if (perSecond === undefined) return SHORTEST_SECONDS;
  const early = EARLIEST + (LATEST - EARLIEST) * random();
  const seconds = Math.round((early * before) / Math.max(perSecond, SLOWEST_PER_SECOND));
  return Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, seconds));
};
