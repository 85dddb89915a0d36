/** Bucket sizes that are mirrored side by side, in seconds of quota; the service does not publish its own. */
export const LADDER_SECONDS = [0.5, 1, 2, 4, 8, 15, 30, 60] as const;
export const DAY_LADDER_SECONDS = [86_400] as const;

/** Stored quota is spent no faster than this many times the sustained rate. */
export const PEAK = 2;
/** A send may be so late without the spacing of the next one suffering. */
export const SLACK_MS = 50;
/** What the high class may send ahead of the spacing, in seconds of quota, and how fast it regains that. */
export const SPRINT_SECONDS = 2;
export const SPRINT_REGAIN = 0.5;

/**
 * Kept back for the classes above: a share of the bucket, and at most so many seconds of quota. After a refusal, and
 * of the smallest buckets, it is the least share: what stands still in a service that does not store it is lost.
 */
export const FLOORS = {
  high: { share: 0, least: 0, seconds: 0 },
  normal: { share: 0.3, least: 0.1, seconds: 6 },
  low: { share: 0.6, least: 0.2, seconds: 12 },
} as const;
export const SMALL_BELOW_SECONDS = 4;
/** From this share of the flow the floors are rebuilt after a refusal: up from the least, exploring from nothing. */
export const FLOOR_REBUILD = 0.03;

export const CONCURRENCY_SHARES = { high: 1, normal: 0.95, low: 0.9 } as const;
export const CONCURRENCY_BASE = 8;
export const CONCURRENCY_FACTOR = 3;

/** Without a contradiction for so long a larger bucket is believed in; doubled by each failure of that size. */
export const BELIEVE_LARGER_MS = 300_000;
export const BELIEVE_LARGER_MOST_MS = 3_600_000;

export const CUT_BETA = 0.9;
export const CUT_LEAST = 0.97;
export const CUT_SAFETY = 0.98;
export const CUT_ROW_MS = 8000;
export const CUT_WINDOW_SECONDS = 20;
export const MULTIPLIER_LEAST = 0.01;
/** Of its hold, what a refused call leaves in the mirror. */
export const LEFT_AFTER_REFUSAL = 0.25;

export const GROWTH_DELAY_MS = 3000;
export const GROWTH_CUBIC = 4e-6;
/** Full speed of growth from so many sends a second: with fewer, each says less. */
export const GROWTH_SENDS_PER_SECOND = 3.3;
export const GROWTH_MOST_PER_SECOND = 0.1;
export const GROWTH_BEYOND = 1.1;
export const GROWTH_BEYOND_PER_SECOND = 0.05;

export const PAUSE_MS = 400;
export const PAUSE_MOST_MS = 30_000;
export const PAUSE_DAY_MS = 15 * 60_000;
export const PAUSE_SPREAD = 0.2;
/** A refusal is back within a tenth of a second: silence for so long means that a probe was admitted. */
export const PROBE_SILENCE_MS = 600;

export const FAULT_WEIGHT = 0.05;
export const FAULT_SHARE_MOST = 0.2;

/** Moving averages: as plain means at first, then with this weight for what is new. */
export const MEAN_WEIGHT = 0.02;
/** As good as the mean of the last 300. */
export const ROUTE_WEIGHT = 2 / 301;
export const ROUTE_ANSWERS_LEAST = 8;
/** Expected output of an unknown route, as a share of max_tokens. */
export const ROUTE_GUESS = 0.3;
export const INPUT_RATIO_LEAST = 0.25;
export const INPUT_RATIO_MOST = 4;

/** Answers from which the cost of a start is told. */
export const BUILD_ANSWERS_LEAST = 50;

/** What the owner before may have sent unseen: two heartbeats. */
export const UNSEEN_SECONDS = 6;
