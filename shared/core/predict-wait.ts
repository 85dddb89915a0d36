import type { PoolReport, ReportedDimension } from '../contract/pool-report.ts';
import { PRIORITIES, type Priority } from '../contract/priorities.ts';

import { GUARANTEED } from './scheduler/guaranteed-shares.ts';

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
const leastShare = (priority: Priority): number => (priority === 'high' ? 1 : GUARANTEED[priority]);

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

/** When the `place`-th request from now can be held: what is stored is spent first, then what refills. */
const quotaDelay = (
  dimension: ReportedDimension,
  place: number,
  { charge, share, sinceMs }: { readonly charge: number; readonly share: number; readonly sinceMs: number },
): Delay => {
  const each = dimension.mean_charge > 0 ? dimension.mean_charge : charge;
  const stored = Math.min(dimension.limit, dimension.level + (dimension.per_second * sinceMs) / 1000);
  const missing = Math.max(0, place * each - Math.max(0, stored)) + Math.max(0, -stored);
  const waitMs = missing === 0 ? 0 : (missing / (dimension.per_second * share)) * 1000;
  return { limit: dimension.name, waitMs };
};

const callDelay = (report: PoolReport, place: number, latencyMs: number): Delay => {
  const { most, in_flight: inFlight, others } = report.concurrency;
  const free = Math.max(0, most - inFlight - others);
  return { limit: 'concurrency', waitMs: (Math.max(0, place - free) * latencyMs) / most };
};

const longest = (delays: readonly Delay[]): Delay | undefined =>
  delays.toSorted((left, right) => right.waitMs - left.waitMs)[0];

const queueDelay = (
  report: PoolReport,
  question: WaitQuestion,
  { nowMs, latencyMs }: { readonly nowMs: number; readonly latencyMs: number },
): Delay | undefined => {
  const own = aheadInClass(report, question) + 1;
  const all = own + aheadAbove(report, question.priority);
  const sinceMs = nowMs - report.at_ms;
  const of = (place: number, share: number): Delay | undefined =>
    longest([
      ...report.dimensions.map((dimension) =>
        quotaDelay(dimension, place, {
          charge: dimension.name === 'requests_per_minute' ? 1 : (question.charge ?? 0),
          share,
          sinceMs,
        }),
      ),
      callDelay(report, place / share, latencyMs),
    ]);
  const behindAll = of(all, 1);
  const inOwnShare = of(own, leastShare(question.priority));
  return (inOwnShare?.waitMs ?? 0) < (behindAll?.waitMs ?? 0) ? inOwnShare : behindAll;
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
  const queued = queueDelay(report, question, { nowMs, latencyMs });
  const { limit, waitMs } = laterOf([
    ...(queued === undefined ? [] : [queued]),
    { limit: 'pause', waitMs: report.paused_until_ms - nowMs },
    { limit: 'not_before', waitMs: (question.notBeforeMs ?? 0) - nowMs },
  ]);
  return {
    ahead: aheadInClass(report, question) + aheadAbove(report, question.priority),
    waitMs: Math.max(0, Math.round(waitMs)),
    etaMs: Math.max(0, Math.round(waitMs)) + Math.round(latencyMs),
    limit: waitMs > 0 ? limit : null,
  };
};
