import type { PoolReport } from '../contract/pool-report.ts';
import { createProblem, type Problem } from '../contract/problem.ts';
import { type Prediction, predictWait, type WaitContext } from './predict-wait.ts';

/** New work that nobody is in a hurry for. */
export interface LowWork {
  readonly pool: string;
  /** Requests of priority `low` that come together. */
  readonly requests: number;
  /** Quota tokens that the first of them is expected to be charged, for a pool that has not learned yet. */
  readonly charge?: number;
}

/** Whoever is told to come again later than this comes too late for what has changed meanwhile. */
const LONGEST_RETRY_SECONDS = 3600;

const toSeconds = (durationMs: number): number => Math.ceil(durationMs / 1000);

/** Those that come together wait in front of the last of them. */
const withOthers = (report: PoolReport, others: number): PoolReport => ({
  ...report,
  lanes: { ...report.lanes, low: report.lanes.low + others },
});

const problemOf = (
  { pool }: LowWork,
  { waitMs, etaMs, limit }: Prediction,
  longestSeconds: number,
): Problem => {
  const tooLong = toSeconds(waitMs) - longestSeconds;
  return createProblem('backlog_too_long', {
    detail: `Low work sent to \`${pool}\` now would wait about ${toSeconds(waitMs)} s (${limit ?? 'its turn'}), and ${longestSeconds} s are the most; nothing was accepted.`,
    backlog: {
      etaSeconds: toSeconds(etaMs),
      retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, Math.max(1, tooLong)),
    },
  });
};

/**
 * Why low work is not taken: what waits already cannot be done within the time that is allowed. A pool whose owner has
 * not told lately refuses nobody: nothing is known of it.
 */
export const backlogProblem = (
  work: LowWork,
  context: WaitContext,
  longestSeconds: number,
): Problem | undefined => {
  if (context.report === undefined) return undefined;
  const prediction = predictWait(
    {
      priority: 'low',
      acceptedAtMs: context.nowMs,
      ...(work.charge === undefined ? {} : { charge: work.charge }),
    },
    { ...context, report: withOthers(context.report, work.requests - 1) },
  );
  return prediction.waitMs > longestSeconds * 1000 ? problemOf(work, prediction, longestSeconds) : undefined;
};
