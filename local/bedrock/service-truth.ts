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
    ...(options.calls === true ? { recent_calls: calls.records(sinceMs(nowMs, options)) } : {}),
  };
}

/** Only the calls of so many seconds where seconds are asked for, otherwise all that are kept. */
function sinceMs(nowMs: number, { seconds }: TruthOptions): number {
  return seconds === undefined ? Number.NEGATIVE_INFINITY : nowMs - seconds * 1000;
}

/** Everything that was counted begins anew; quotas, caches and faults stay as they are. */
export function resetTruth({ models, calls }: Service): void {
  calls.reset();
  for (const model of models.all) model.resetTruth();
}
