import type { PoolReport, ReportedDimension } from '../contract/pool-report.ts';
import { PRIORITIES, type Priority } from '../contract/priorities.ts';

import { servedUntilDone } from './scheduler/served-until-done.ts';

/** A request that waits, or might be sent. */
export interface WaitQuestion {
  readonly priority: Priority;
  readonly acceptedAtMs: number;
  readonly notBeforeMs?: number;
  /** Quota tokens it is expected to be charged, for a pool that has not learned yet. */
  readonly charge?: number;
}

export interface WaitContext {
  readonly report: PoolReport | undefined;
  readonly nowMs: number;
  /** How long a call takes, until the pool has learned it. */
  readonly firstGuessMs: number;
}

/** What makes it wait: a quota, the configured number of calls at once, a pause after a refusal, or nothing. */
export type BindingLimit = string;

export interface Prediction {
  /** About how many requests are served before it; null when no owner has told lately. */
  readonly ahead: number | null;
  /** Until its call begins. */
  readonly waitMs: number;
  /** Until it is answered. */
  readonly etaMs: number;
  readonly limit: BindingLimit | null;
}

/** Counts of an owner that has been silent for longer say nothing: it has ended, most likely with empty lanes. */
const COUNTS_LIVE_MS = 30_000;
/** A pool that nobody drains is woken first. */
const WAKE_MS = 1_000;

export const isFresh = (report: PoolReport, nowMs: number): boolean => nowMs - report.at_ms <= COUNTS_LIVE_MS;

/** Of its own class those that were accepted before it, as if acceptances were spread evenly since the oldest. */
const aheadInClass = (report: PoolReport, { priority, acceptedAtMs }: WaitQuestion): number => {
  const waiting = report.staged[priority] + report.lanes[priority];
  const oldestMs = report.oldest_ms[priority];
  if (oldestMs === undefined || acceptedAtMs >= report.at_ms) return waiting;
  if (acceptedAtMs <= oldestMs) return 0;
  return Math.round((waiting * (acceptedAtMs - oldestMs)) / (report.at_ms - oldestMs));
};

const aheadAbove = (report: PoolReport, priority: Priority): number =>
  PRIORITIES.slice(0, PRIORITIES.indexOf(priority)).reduce(
    (total, above) => total + report.staged[above] + report.lanes[above],
    0,
  );

interface Delay {
  readonly limit: BindingLimit;
  readonly waitMs: number;
}

/** Stored quota is spent this many times faster than it refills; that of a day as fast as it is asked for. */
const PEAK = 2;

const isOfADay = (name: string): boolean => name.endsWith('_per_day');

/** What can be held then: it refills until the bucket is full, which may be far below the limit. */
const levelAt = ({ level, per_second, full_at_ms }: ReportedDimension, toldAtMs: number, atMs: number) =>
  level + (per_second * (Math.max(toldAtMs, Math.min(atMs, full_at_ms)) - toldAtMs)) / 1000;

interface Moment {
  readonly nowMs: number;
  /** Nothing goes before: the end of a pause. */
  readonly fromMs: number;
  readonly latencyMs: number;
}

/** Until so many requests have been served and one more can be held, of equal size. */
const quotaDelay = (
  dimension: ReportedDimension,
  requests: { readonly before: number; readonly each: number },
  { toldAtMs, nowMs, fromMs }: Moment & { readonly toldAtMs: number },
): Delay => {
  const { before, each } = requests;
  const pacedMs = isOfADay(dimension.name)
    ? 0
    : (Math.max(0, before) * each * 1000) / (PEAK * dimension.per_second);
  const missing = (before + 1) * each - levelAt(dimension, toldAtMs, fromMs);
  const refilledMs = (missing * 1000) / dimension.per_second;
  return { limit: dimension.name, waitMs: fromMs - nowMs + Math.max(0, pacedMs, refilledMs) };
};

const callDelay = (report: PoolReport, place: number, { nowMs, fromMs, latencyMs }: Moment): Delay => {
  const { most, in_flight: inFlight, others } = report.concurrency;
  const free = Math.max(0, most - inFlight - others);
  return {
    limit: 'concurrency',
    waitMs: fromMs - nowMs + (Math.max(0, place - free) * latencyMs) / most,
  };
};

const longest = (delays: readonly Delay[]): Delay | undefined =>
  delays.toSorted((left, right) => right.waitMs - left.waitMs)[0];

/** Its own class up to it, and of others what goes before: those above, and the shares of those below. */
const queueDelay = (report: PoolReport, question: WaitQuestion, moment: Moment): Delay | undefined => {
  const waitingIn = (priority: Priority): number => report.staged[priority] + report.lanes[priority];
  const place = servedUntilDone(
    {
      high: waitingIn('high'),
      normal: waitingIn('normal'),
      low: waitingIn('low'),
      [question.priority]: aheadInClass(report, question) + 1,
    },
    question.priority,
  );
  const eachOf = ({ name, mean_charge }: ReportedDimension): number => {
    if (mean_charge > 0) return mean_charge;
    return name === 'requests_per_minute' ? 1 : (question.charge ?? 0);
  };
  return longest([
    ...report.dimensions.map((dimension) =>
      quotaDelay(
        dimension,
        { before: place - 1, each: eachOf(dimension) },
        { ...moment, toldAtMs: report.at_ms },
      ),
    ),
    callDelay(report, place, moment),
  ]);
};

const withoutOwner = ({ notBeforeMs }: WaitQuestion, { nowMs, firstGuessMs }: WaitContext): Prediction => {
  const waitMs = Math.max(WAKE_MS, (notBeforeMs ?? 0) - nowMs);
  return { ahead: null, waitMs, etaMs: waitMs + firstGuessMs, limit: null };
};

const laterOf = (delays: readonly Delay[]): Delay => longest(delays) ?? { limit: 'quota', waitMs: 0 };

/** About when a waiting request is answered, from what the owner of its pool told last. */
export const predictWait = (question: WaitQuestion, context: WaitContext): Prediction => {
  const { report, nowMs, firstGuessMs } = context;
  if (report === undefined || !isFresh(report, nowMs)) return withoutOwner(question, context);
  const latencyMs = report.latency_ms > 0 ? report.latency_ms : firstGuessMs;
  const fromMs = Math.max(nowMs, report.paused_until_ms);
  const queued = queueDelay(report, question, { nowMs, fromMs, latencyMs });
  // Of equals the first binds: a pause that keeps everything back, rather than what would go at once after it.
  const { limit, waitMs } = laterOf([
    { limit: 'pause', waitMs: report.paused_until_ms - nowMs },
    ...(queued === undefined ? [] : [queued]),
    { limit: 'not_before', waitMs: (question.notBeforeMs ?? 0) - nowMs },
  ]);
  return {
    ahead: aheadInClass(report, question) + aheadAbove(report, question.priority),
    waitMs: Math.max(0, Math.round(waitMs)),
    etaMs: Math.max(0, Math.round(waitMs)) + Math.round(latencyMs),
    limit: waitMs > 0 ? limit : null,
  };
};
