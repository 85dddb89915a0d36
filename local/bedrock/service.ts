import type { CallLog } from './call-log.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { ModelRegistry } from './model-registry.ts';

/** One running simulator. */
export interface Service {
  readonly models: ModelRegistry;
  readonly calls: CallLog;
  readonly faults: FaultPlan;
  readonly seed: number;
  readonly latencyScale: number;
  readonly clock: () => number;
}
