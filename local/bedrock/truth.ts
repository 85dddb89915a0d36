import type { Algorithm, DimensionName } from './quota/dimension.ts';
import type { Amounts } from './quota/quota.ts';

/**
 * What really happened, as only the service knows it. Clients under test must not read it to decide anything.
 *
 * calls = admitted + refused + invalid
 * admitted = answered + faults + aborted + in_flight
 */
export interface Counts {
  /** Inference requests of every operation that arrived whole; counting tokens is none. */
  readonly calls: number;
  readonly admitted: number;
  /** Throttled: 429, by the quota or by a fault. */
  readonly refused: number;
  /** Turned away before the quota was asked: 400 and 403. */
  readonly invalid: number;
  readonly answered: number;
  /** Admitted and then failed, by a directive, a fault window or the server behind. */
  readonly faults: number;
  /** The client left before its answer. */
  readonly aborted: number;
  readonly in_flight: number;
}

export interface Truth extends Counts {
  readonly at_ms: number;
  readonly models: Readonly<Record<string, ModelTruth>>;
  /** Only when asked for; oldest first, the last 100,000. */
  readonly recent_calls?: readonly CallRecord[];
}

/** The members that name tokens tell of the first of tpm, itpm and tpd that the model has; 0 where it has none. */
export interface ModelTruth extends Counts {
  readonly tokens_per_minute: number;
  readonly size_tokens: number;
  readonly level_tokens: number;
  readonly held_tokens: number;
  readonly settled_tokens: number;
  readonly dimensions: Partial<Readonly<Record<DimensionName, DimensionTruth>>>;
  /** Seconds of the last hour in which something happened, oldest first. */
  readonly per_second: readonly SecondOfUse[];
}

export interface DimensionTruth {
  readonly limit: number;
  readonly period_seconds: number;
  readonly algorithm: Algorithm;
  /** What is there now at most, after the timeline of the quota. */
  readonly size: number;
  /** What could be taken now; below zero in debt. */
  readonly left: number;
  readonly held: number;
  readonly settled: number;
}

export interface SecondOfUse {
  /** Whole seconds of the clock. */
  readonly at_s: number;
  readonly settled_tokens: number;
  /** Charged in this second: to calls that ended, and in otpm to those that went on. */
  readonly settled: Amounts;
  readonly admitted: number;
  readonly refused: number;
}

export interface CallRecord {
  /** In order of arrival, from 1. */
  readonly seq: number;
  readonly at_ms: number;
  /** When its answer went out, or its client was seen to have left; null while in flight. */
  readonly ended_at_ms: number | null;
  readonly model: string;
  /** First 60 characters of `marker` in the request's metadata, or else of the last user text. */
  readonly marker: string;
  /** HTTP status; null while in flight; 499 when the client left; 0 when a fault cut the connection. */
  readonly status: number | null;
  readonly output_tokens: number;
}

export const clientLeftStatus = 499;
export const connectionCutStatus = 0;

export interface TruthOptions {
  readonly calls?: boolean;
  /** Only calls with a larger number, so that a long run can read them piece by piece. */
  readonly afterSeq?: number;
  /** Only the last so many seconds of use and calls; the counts are always whole. */
  readonly seconds?: number;
}
