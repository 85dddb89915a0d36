import type { CallLog } from './call-log.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { FaultWindows } from './faults/fault-windows.ts';
import type { ModelRegistry } from './model-registry.ts';
import type { Wait } from './wait.ts';

/** One running simulator. All its times are simulated ones. */
export interface Service {
  readonly models: ModelRegistry;
  readonly calls: CallLog;
  readonly windows: FaultWindows;
  readonly faults: FaultPlan;
  readonly seed: number;
  readonly latencyScale: number;
  readonly timeScale: number;
  readonly forward: ForwardTarget | undefined;
  readonly clock: () => number;
  readonly wait: Wait;
}

export interface ForwardTarget {
  /** Such as http://127.0.0.1:11434/v1 */
  readonly baseUrl: string;
  /** The model's name there; the id of the model here by default. */
  readonly model?: string | undefined;
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: string | undefined;
  /** How long it may say nothing, in real time; five minutes by default, which is also the most. */
  readonly silenceMs?: number | undefined;
}
