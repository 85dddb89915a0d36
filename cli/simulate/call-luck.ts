import { lognormal, randomFrom } from '../../local/bedrock/seeded-random.ts';
import type { SimulatedRequest } from './simulated-request.ts';

/** What chance decides about one call. */
export interface CallLuck {
  readonly toServiceMs: number;
  readonly toCallerMs: number;
  readonly refusalMs: number;
  /** Of the usual latency. */
  readonly latencyFactor: number;
  /** [0, 1): below the share of calls that fail, it fails. */
  readonly fault: number;
}

const NETWORK_MS = 20;
const LATENCY_SPREAD = 0.15;

/** By request and attempt, whatever else is called: two runs that differ in one thing can be compared. */
export const createCallLuck = (seed: string): ((request: SimulatedRequest) => CallLuck) => {
  const calls = new Map<string, number>();
  return ({ id }) => {
    const call = (calls.get(id) ?? 0) + 1;
    calls.set(id, call);
    const random = randomFrom('service', seed, id, String(call));
    return {
      toServiceMs: NETWORK_MS * (0.5 + random()),
      toCallerMs: NETWORK_MS * (0.5 + random()),
      refusalMs: 30 + 50 * random(),
      latencyFactor: lognormal(random, LATENCY_SPREAD),
      fault: random(),
    };
  };
};
