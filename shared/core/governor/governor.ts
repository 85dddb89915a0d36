import type { Priority } from '../../contract/priorities.ts';

/** A call as it is known before it is made. */
export interface PlannedCall {
  readonly priority: Priority;
  /** Estimated. */
  readonly inputTokens: number;
  readonly maxTokens: number;
}

/** What an answered call used, as the service counted it. */
export interface CallUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheWriteTokens: number;
}

/** What keeps a call back. */
export type GovernorLimit =
  | 'tokens_per_minute'
  | 'requests_per_minute'
  | 'tokens_per_day'
  | 'concurrency'
  | 'pause';

export type Permission =
  | { readonly go: true }
  | { readonly go: false; readonly limit: GovernorLimit; readonly waitMs: number };

/** A call under way; only the governor that made it reads it. */
export interface SentCall {
  readonly holds: readonly number[];
  readonly sentAtMs: number;
}

export type ThrottleScope = 'tokens' | 'requests' | 'unknown' | 'day';

/**
 * Says when the next call may go, so that the quota is used in full and hardly a call is refused.
 *
 * One instance for each quota, in the process that sends. It knows no clock: every method takes the time.
 * Each `sent` is followed by exactly one of `answered`, `throttled`, `faulted` and `released`.
 */
export interface Governor {
  mayGo(call: PlannedCall, nowMs: number): Permission;
  sent(call: PlannedCall, nowMs: number): SentCall;
  answered(call: SentCall, usage: CallUsage, nowMs: number): void;
  throttled(call: SentCall, scope: ThrottleScope, nowMs: number): void;
  faulted(call: SentCall, nowMs: number): void;
  /** It never left: the request turned out to be somebody else's, or not to be made any more. */
  released(call: SentCall, nowMs: number): void;
  /** All that a successor needs, as JSON of at most 4 KB. */
  snapshot(nowMs: number): GovernorSnapshot;
}

export interface GovernorSnapshot {
  readonly takenAtMs: number;
  readonly levels: Readonly<Record<string, number>>;
  readonly pausedUntilMs: number;
}
