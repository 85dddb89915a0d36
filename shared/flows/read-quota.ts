import type { PoolQuota } from '../contract/quota-view.ts';
import { toQuotaView } from '../core/to-quota-view.ts';
import { readReportIfAny, type ViewDeps } from './view-context.ts';

/** The quota of every pool, as its owner last told. */
export const createReadQuota = (deps: ViewDeps) => async (): Promise<readonly PoolQuota[]> => {
  const { settings, clock } = deps;
  return Promise.all(
    Object.entries(settings.models).map(async ([name, pool]) =>
      toQuotaView(name, pool, {
        report: await readReportIfAny(name, deps),
        nowMs: clock.nowMs(),
        maxConcurrent: settings.max_concurrent_executions,
      }),
    ),
  );
};
