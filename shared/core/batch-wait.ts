/** Shortest and longest time between two looks at a batch that waits for room; SQS delays by at most 900 seconds. */
export const SHORTEST_WAIT_SECONDS = 60;
export const LONGEST_WAIT_SECONDS = 600;

const within = (seconds: number): number =>
  Math.min(LONGEST_WAIT_SECONDS, Math.max(SHORTEST_WAIT_SECONDS, seconds));

/**
 * How long a batch waits for room: longer each time while its tenant's requests end slowly, shorter again once so
 * many ended meanwhile that they might all have.
 */
export const nextWaitSeconds = (
  lastSeconds: number | undefined,
  found: 'little_room' | 'much_room',
): number => {
  if (lastSeconds === undefined) return SHORTEST_WAIT_SECONDS;
  return within(found === 'much_room' ? Math.floor(lastSeconds / 2) : lastSeconds * 2);
};

/**
 * How long the message of a batch that failed stays hidden. A thousand receives, after which SQS gives it up, last
 * longer than any batch does.
 */
export const retryWaitSeconds = (receives: number): number =>
  within(SHORTEST_WAIT_SECONDS * 2 ** Math.min(10, Math.max(0, receives - 1)));
