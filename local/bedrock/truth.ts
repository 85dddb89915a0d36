/**
 * What really happened, as only the service knows it. Clients under test must not read it to decide anything.
 *
 * calls = admitted + refused + invalid
 * admitted = answered + faults + aborted + in_flight
 */
export interface Counts {
  /** Converse requests that arrived whole. */
  readonly calls: number;
  readonly admitted: number;
  /** Throttled: 429. */
  readonly refused: number;
  /** Turned away before the quota was asked: 400 and 403. */
  readonly invalid: number;
  readonly answered: number;
  /** Admitted and then failed by a directive. */
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

export interface ModelTruth extends Counts {
  readonly tokens_per_minute: number;
  readonly size_tokens: number;
  readonly level_tokens: number;
  readonly held_tokens: number;
  readonly settled_tokens: number;
  /** Seconds of the last hour in which something happened, oldest first. */
  readonly per_second: readonly SecondOfUse[];
}

export interface SecondOfUse {
  /** Whole seconds of the clock. */
  readonly at_s: number;
  /** Charged to calls that ended in this second. */
  readonly settled_tokens: number;
  readonly admitted: number;
  readonly refused: number;
}

export interface CallRecord {
  /** In order of arrival, from 1. */
  readonly seq: number;
  readonly at_ms: number;
  readonly model: string;
  /** First 60 characters of the last user text. */
  readonly marker: string;
  /** HTTP status; null while in flight; 499 when the client left. */
  readonly status: number | null;
  readonly output_tokens: number;
}

export const clientLeftStatus = 499;

export interface TruthOptions {
  readonly calls?: boolean;
}
