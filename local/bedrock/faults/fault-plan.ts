import { createHash } from 'node:crypto';
import type { Directives } from '../request/directives.ts';
import { randomFrom } from '../seeded-random.ts';
import type { FaultWindow, FaultWindows } from './fault-windows.ts';
import { type Fault, faultOf } from './faults.ts';

export interface FaultPlan {
  /** The fault this call meets at this stage, if any. Asking at its stage counts as one time that the text was seen. */
  readonly next: (stage: FaultStage, call: FaultyCall) => Fault | undefined;
  /** How many times slower this call is. */
  readonly slowFactor: (call: FaultyCall) => number;
}

/** A call that is denied or refused takes nothing from the quota. */
export type FaultStage = 'before_quota' | 'admitted';

export interface FaultyCall {
  readonly model: string;
  readonly text: string;
  readonly directives: Directives;
  readonly nowMs: number;
}

const keptTexts = 100_000;

export function createFaultPlan(windows: FaultWindows, seed: number): FaultPlan {
  const seen = createCounter();
  /** Each time that a text meets a window is drawn anew, so that a retry may pass. */
  const meets = ({ id, probability }: FaultWindow, { model, text }: FaultyCall) => {
    if (probability >= 1) return true;
    const parts = [String(seed), 'fault', String(id), model, text];
    return randomFrom(...parts, String(seen(parts.join('\n'))))() < probability;
  };
  return {
    next: (stage, call) => {
      const directed = directedFault(stage, call, seen);
      if (directed !== undefined) return directed;
      for (const window of windows.active(call.model, call.nowMs)) {
        const fault = window.fault === 'slow' ? undefined : faultOf(window.fault);
        if (fault !== undefined && stageOf(fault) === stage && meets(window, call)) return fault;
      }
      return undefined;
    },
    slowFactor: (call) =>
      windows
        .active(call.model, call.nowMs)
        .filter((window) => window.fault === 'slow' && meets(window, call))
        .reduce((product, { factor }) => product * factor, 1),
  };
}

function directedFault(
  stage: FaultStage,
  { text, directives }: FaultyCall,
  seen: (text: string) => number,
): Fault | undefined {
  const fault = directives.fault === undefined ? undefined : faultOf(directives.fault);
  if (fault === undefined || stageOf(fault) !== stage) return undefined;
  const { times } = directives;
  return times !== undefined && seen(text) > times ? undefined : fault;
}

function stageOf({ kind }: Fault): FaultStage {
  return kind === 'denied' || kind === 'refused' ? 'before_quota' : 'admitted';
}

/** How many times a text has come, this time included; the oldest texts are forgotten. */
function createCounter(): (text: string) => number {
  const seen = new Map<string, number>();
  return (text) => {
    const key = createHash('sha256').update(text).digest('base64');
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    const oldest = seen.size > keptTexts ? seen.keys().next().value : undefined;
    if (oldest !== undefined) seen.delete(oldest);
    return times;
  };
}
