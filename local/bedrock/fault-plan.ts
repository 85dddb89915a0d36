import { createHash } from 'node:crypto';
import type { Directives } from './directives.ts';
import { type FaultStage, faultOfStatus, type ServiceError } from './errors.ts';

export interface FaultPlan {
  /** The fault this call meets at this stage, if any. Asking at its stage counts as one time that the text was seen. */
  readonly next: (stage: FaultStage, text: string, directives: Directives) => ServiceError | undefined;
}

const keptTexts = 100_000;

export function createFaultPlan(): FaultPlan {
  const seen = new Map<string, number>();
  return {
    next: (stage, text, { status, times }) => {
      const fault = status === undefined ? undefined : faultOfStatus(status);
      if (fault === undefined || fault.stage !== stage) return undefined;
      if (times !== undefined && count(seen, text) > times) return undefined;
      return fault.error;
    },
  };
}

function count(seen: Map<string, number>, text: string): number {
  const key = createHash('sha256').update(text).digest('base64');
  const times = (seen.get(key) ?? 0) + 1;
  seen.set(key, times);
  const oldest = seen.size > keptTexts ? seen.keys().next().value : undefined;
  if (oldest !== undefined) seen.delete(oldest);
  return times;
}
