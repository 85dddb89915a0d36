import type { Service } from './service.ts';
import type { Truth, TruthOptions } from './truth.ts';

export function serviceTruth({ models, calls, clock }: Service, options: TruthOptions = {}): Truth {
  const nowMs = clock();
  return {
    at_ms: nowMs,
    ...calls.counts(),
    models: Object.fromEntries(
      models.all.map((model) => [model.id, { ...calls.countsOf(model.id), ...model.use(nowMs) }]),
    ),
    ...(options.calls === true ? { recent_calls: calls.records() } : {}),
  };
}
