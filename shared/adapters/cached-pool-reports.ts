import type { PoolReport } from '../contract/pool-report.ts';
import type { Clock } from '../ports/clock.ts';
import type { PoolReports } from '../ports/pool-reports.ts';

/** Owners report every three seconds: what is younger than this is as good as new. */
const FRESH_MS = 1_500;

interface Cached {
  readonly readAtMs: number;
  readonly report: Promise<PoolReport | undefined>;
}

/** However many ask, a pool's item is read once in so long. A read that failed is not kept. */
export const createCachedPoolReports = (
  reports: PoolReports,
  clock: Pick<Clock, 'monotonicMs'>,
): PoolReports => {
  const cache = new Map<string, Cached>();
  return {
    readReport: (pool) => {
      const nowMs = clock.monotonicMs();
      const known = cache.get(pool);
      if (known !== undefined && nowMs - known.readAtMs < FRESH_MS) return known.report;
      const report = reports.readReport(pool);
      const entry = { readAtMs: nowMs, report };
      cache.set(pool, entry);
      report.catch(() => {
        if (cache.get(pool) === entry) cache.delete(pool);
      });
      return report;
    },
  };
};
