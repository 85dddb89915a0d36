import type { BreakerState } from '../targets/breaker.ts';
import type { DimensionName } from './dimension-name.ts';

/** A governor as people and dashboards see it; small, and JSON. */
export interface GovernorView {
  readonly algorithm: GovernorAlgorithm;
  readonly atMs: number;
  /** Probing: after a refusal one call goes alone, to see whether there is quota again. */
  readonly state: 'open' | 'paused' | 'probing';
  /** 0 when not paused. */
  readonly pausedUntilMs: number;
  readonly dimensions: readonly DimensionView[];
  readonly concurrency: ConcurrencyView;
  readonly learned: LearnedMeans;
  /** Where a pool has several: the figures above are of those that may be called, together. */
  readonly targets?: readonly TargetView[];
}

export interface TargetView {
  readonly name: string;
  readonly modelId: string;
  readonly region?: string;
  readonly breaker: BreakerState;
  /** 0 when closed. */
  readonly openUntilMs: number;
  readonly governor: GovernorView;
}

export const GOVERNOR_ALGORITHMS = ['hybrid', 'bucket'] as const;
export type GovernorAlgorithm = (typeof GOVERNOR_ALGORITHMS)[number];

export interface DimensionView {
  readonly name: DimensionName;
  /** As configured: in a minute, or in a day for quotas of a day. */
  readonly limit: number;
  /** What refills, after what refusals have taught: the configured rate times the multiplier. */
  readonly perSecond: number;
  readonly multiplier: number;
  /** What the bucket is believed to store, in its unit and in seconds of the configured rate. */
  readonly size: number;
  readonly burstSeconds: number;
  /** What could be held now; below zero in debt. */
  readonly level: number;
  /** By calls under way. */
  readonly held: number;
  /** Charged to calls that were answered in the last minute. */
  readonly settledLastMinute: number;
  /** Charged to all calls that were answered since the governor began. */
  readonly settled: number;
  /** When the bucket is full again if nothing more is sent. */
  readonly fullAtMs: number;
  /** What a call is charged on average; 0 until one was answered. */
  readonly meanCharge: number;
}

export interface ConcurrencyView {
  /** Calls at once that the quota has work for, by Little's law; never above `most`. */
  readonly limit: number;
  /** As configured. */
  readonly most: number;
  readonly inFlight: number;
  /** Of earlier owners. */
  readonly others: number;
  /** The configured number keeps calls back while there is quota for them: raise it. */
  readonly bindsWhileQuotaIsFree: boolean;
}

export interface LearnedMeans {
  /** Tokens counted by the service, for each that was estimated. */
  readonly inputRatio: number;
  /** 0 until an answer came. */
  readonly outputTokens: number;
  readonly latencyMs: number;
  /**
   * What `max_tokens` costs at the start: seconds of quota that the calls in flight hold beyond what they will be
   * charged, less what is stored. A busy period has to put them down once; 0 while little is known.
   */
  readonly buildSeconds: number;
}
