import type { Priority } from '../../../contract/priorities.ts';
import { CONCURRENCY_BASE, CONCURRENCY_FACTOR, CONCURRENCY_SHARES } from './constants.ts';

/**
 * Calls at once that the quota has work for, by Little's law and three times over, since answers come in any length.
 * No gradient of latency: a model that writes more is slower, and no less able.
 */
export const concurrencyLimit = (
  callsPerSecond: readonly number[],
  latencyMs: number,
  most: number,
): number => {
  if (callsPerSecond.length === 0) return most;
  const useful = CONCURRENCY_BASE + CONCURRENCY_FACTOR * Math.min(...callsPerSecond) * (latencyMs / 1000);
  return Math.min(most, useful);
};

export const isWithin = (inFlight: number, limit: number, priority: Priority): boolean =>
  inFlight < limit * CONCURRENCY_SHARES[priority];
