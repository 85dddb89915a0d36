import type { Priority } from '../../contract/priorities.ts';
import type { SavedBreaker } from '../targets/breaker.ts';
import type { Routing } from '../targets/routing.ts';
import type { DimensionName } from './dimension-name.ts';
import type { GovernedQuota } from './governed-quota.ts';
import type { GovernorView } from './governor-view.ts';
import type { OwnerReport } from './owner-report.ts';

/** A call as it is known before it is made. */
export interface PlannedCall {
  readonly priority: Priority;
  /** Estimated; cached input included. */
  readonly inputTokens: number;
  readonly maxTokens: number;
  /** Calls of one route have answers of about the same length, which is learned. Without it, the pool is one route. */
  readonly route?: string;
  /** Where a pool has several targets. */
  readonly routing?: Routing;
}

/** What an answered call used, as the service counted it. */
export interface CallUsage {
  /** Neither read from the cache nor written to it. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheWriteTokens: number;
  /** Charged nothing, but part of the input that was estimated: without it the estimates look too high. */
  readonly cacheReadTokens?: number;
}

/** What keeps a call back: of several targets, `target` when others may be called, but not by this call. */
export type GovernorLimit = DimensionName | 'concurrency' | 'pause' | 'target';

export type Permission =
  | { readonly go: true }
  | { readonly go: false; readonly limit: GovernorLimit; readonly waitMs: number };

/** A call under way; only the governor that made it reads it. */
export interface SentCall {
  readonly call: PlannedCall;
  readonly holds: readonly number[];
  readonly sentAtMs: number;
  /** For each dimension, the bucket size that would have refused it, as an index into the ladder. */
  readonly refusedBy?: readonly (number | undefined)[];
  readonly isProbe?: boolean;
}

export type ThrottleScope = 'tokens' | 'requests' | 'unknown' | 'day';

/**
 * Says when the next call may go, so that the quota is used in full and hardly a call is refused.
 *
 * One instance for each quota, in the process that sends. It knows no clock: every method takes the time.
 * Each `sent` is followed by exactly one of `answered`, `throttled`, `rejected`, `faulted`,
 * `canceled` and `released`.
 *
 * Hand-over: the successor is created from the last snapshot. The owner before goes on finishing its calls and
 * publishes `remaining` every second or so; the successor passes each report it sees to `others`.
 */
export interface Governor {
  mayGo(call: PlannedCall, nowMs: number): Permission;
  sent(call: PlannedCall, nowMs: number): SentCall;
  /** Answers with the quota tokens it was charged, which is what the scheduler's `settled` asks for. */
  answered(call: SentCall, usage: CallUsage, nowMs: number): number;
  throttled(call: SentCall, scope: ThrottleScope, nowMs: number): void;
  /** Admitted, and turned down for what it asked: says nothing about the health of the service. */
  rejected(call: SentCall, nowMs: number): void;
  /** The service failed, whatever was asked of it. */
  faulted(call: SentCall, nowMs: number): void;
  /** Given up under way, at its caller's wish. Answers with what it is taken to have been charged, on the safe side. */
  canceled(call: SentCall, nowMs: number): number;
  /** It never left: the request turned out to be somebody else's, or not to be made any more. */
  released(call: SentCall, nowMs: number): void;
  /** Quota tokens that the call will probably be charged: its weight in fair sharing. */
  expectedTokens(call: PlannedCall): number;
  /** All that a successor needs, as JSON of at most 2.5 KB: the scheduler's part shares the 4 KB. */
  snapshot(nowMs: number): GovernorSnapshot;
  /** What an owner that has lost its lease still has under way. */
  remaining(nowMs: number): OwnerReport;
  /** Counts what an earlier owner goes on doing. Reports are cumulative: repeats and late ones change nothing. */
  others(report: OwnerReport, nowMs: number): void;
  /**
   * From now on so much is granted. What was taken, and what was learned, stays. A limit that is no longer named is
   * kept until the next owner begins: calls under way hold part of it.
   */
  setQuota(quota: GovernedQuota, nowMs: number): void;
  describe(nowMs: number): GovernorView;
}

export interface GovernorSnapshot {
  readonly takenAtMs: number;
  /** Of the bucket that is believed in, by dimension. */
  readonly levels: Readonly<Record<string, number>>;
  readonly pausedUntilMs: number;
  /** The owner that took it, as of this snapshot; its later reports are counted from here. */
  readonly owner?: OwnerReport;
  /** Earlier owners, as far as they have been counted. */
  readonly others?: readonly OwnerReport[];
  /** What only its own algorithm reads; another begins without it. */
  readonly learned?: LearnedState;
  /** Filled in by whoever stores the snapshot. */
  readonly scheduler?: SchedulerSnapshot;
  /** The target that all of this is about, where the pool has several; the others are beside it. */
  readonly target?: string;
  readonly targets?: Readonly<Record<string, TargetSnapshot>>;
}

/** One target of several. The pool's own has its governor in the snapshot itself. */
export interface TargetSnapshot {
  readonly breaker: SavedBreaker;
  readonly governor?: Omit<GovernorSnapshot, 'targets' | 'target' | 'scheduler' | 'owner' | 'others'>;
}

export interface LearnedState {
  readonly algorithm: string;
  readonly state: unknown;
}

/** Virtual counters by class and tenant, the most recent ones. */
export type SchedulerSnapshot = Readonly<Record<string, readonly (readonly [string, number])[]>>;
