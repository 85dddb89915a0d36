import type { WantedCalls } from './call-log.ts';
import type { Service } from './service.ts';
import type { Truth, TruthOptions } from './truth.ts';
import { keptSeconds } from './use-series.ts';

export function serviceTruth({ models, calls, clock }: Service, options: TruthOptions = {}): Truth {
  const nowMs = clock();
  const { seconds = keptSeconds } = options;
  return {
    at_ms: nowMs,
    ...calls.counts(),
    models: Object.fromEntries(
      models.all.map((model) => [model.id, { ...calls.countsOf(model.id), ...model.use(nowMs, seconds) }]),
    ),
    ...(options.calls === true ? { recent_calls: calls.records(wantedCalls(nowMs, options)) } : {}),
  };
}

/** All that are kept, unless so many seconds or those after one call are asked for. */
function wantedCalls(nowMs: number, { seconds, afterSeq = 0 }: TruthOptions): WantedCalls {
  return {
    sinceMs: seconds === undefined ? Number.NEGATIVE_INFINITY : nowMs - seconds * 1000,
    afterSeq,
  };
}

/** Everything that was counted begins anew; quotas, caches and faults stay as they are. */
export function resetTruth({ models, calls }: Service): void {
  calls.reset();
  for (const model of models.all) model.resetTruth();
}
