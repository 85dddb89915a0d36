import type { Priority } from '../../shared/contract/priorities.ts';

/** One request of a traffic to be simulated, with what is only known once it is answered. */
export interface SimulatedRequest {
  readonly id: string;
  readonly tenant: string;
  readonly priority: Priority;
  /** From the beginning of the simulation. */
  readonly arrivesAtMs: number;
  readonly inputTokens: number;
  /** What the door would have estimated. */
  readonly estimatedTokens: number;
  readonly outputTokens: number;
  readonly maxTokens: number;
  readonly expiresAtMs?: number;
  /** Instead of the latency that the output implies. */
  readonly latencyMs?: number;
}

/** What became of it. */
export interface RequestOutcome {
  readonly request: SimulatedRequest;
  /** When the call that was answered was sent; undefined while it waits. */
  sentAtMs: number | undefined;
  answeredAtMs: number | undefined;
  calls: number;
  throttles: number;
  faults: number;
  /** Quota tokens. */
  charge: number;
}

export const createOutcome = (request: SimulatedRequest): RequestOutcome => ({
  request,
  sentAtMs: undefined,
  answeredAtMs: undefined,
  calls: 0,
  throttles: 0,
  faults: 0,
  charge: 0,
});
