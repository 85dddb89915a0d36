import { percentile } from '../../cli/simulate/percentile.ts';
import type { CallRecord } from '../../local/bedrock/truth.ts';

export const DOORS = ['http', 'queue'] as const;
export type Door = (typeof DOORS)[number];

/** A high request, from its caller's hands to the service. */
export interface HighRequest {
  readonly door: Door;
  readonly sentAtMs: number;
  readonly acceptedAtMs: number;
  readonly calledAtMs: number;
}

export interface Waits {
  readonly door: Door;
  readonly requests: number;
  readonly accepted_to_call_p50_ms: number;
  readonly accepted_to_call_p99_ms: number;
  readonly accepted_to_call_max_ms: number;
  /** From the moment at which its caller sent it. */
  readonly sent_to_call_p99_ms: number;
  /** Calls of low requests that the service received after it was accepted and before its own. */
  readonly low_called_before_p50: number;
  readonly low_called_before_p99: number;
}

export const waitsOf = (door: Door, all: readonly HighRequest[], lowCalledAtMs: readonly number[]): Waits => {
  const requests = all.filter((request) => request.door === door);
  const waits = requests.map(({ acceptedAtMs, calledAtMs }) => Math.round(calledAtMs - acceptedAtMs));
  const fromSend = requests.map(({ sentAtMs, calledAtMs }) => Math.round(calledAtMs - sentAtMs));
  const before = requests.map(
    ({ acceptedAtMs, calledAtMs }) =>
      lowCalledAtMs.filter((atMs) => atMs > acceptedAtMs && atMs < calledAtMs).length,
  );
  return {
    door,
    requests: requests.length,
    accepted_to_call_p50_ms: percentile(waits, 0.5),
    accepted_to_call_p99_ms: percentile(waits, 0.99),
    accepted_to_call_max_ms: Math.max(0, ...waits),
    sent_to_call_p99_ms: percentile(fromSend, 0.99),
    low_called_before_p50: percentile(before, 0.5),
    low_called_before_p99: percentile(before, 0.99),
  };
};

export const mostInFlight = (calls: readonly CallRecord[]): number => {
  const changes = calls
    .flatMap(({ at_ms, ended_at_ms }) => [
      { atMs: at_ms, by: 1 },
      { atMs: ended_at_ms ?? Number.POSITIVE_INFINITY, by: -1 },
    ])
    .sort((one, other) => one.atMs - other.atMs || one.by - other.by);
  let inFlight = 0;
  let most = 0;
  for (const { by } of changes) {
    inFlight += by;
    most = Math.max(most, inFlight);
  }
  return most;
};
