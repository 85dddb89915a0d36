import type { Clock } from '../ports/clock.ts';
import type { PoolReports } from '../ports/pool-reports.ts';
import { cachedReads } from './cached-reads.ts';

/** Owners report every three seconds: what is younger than this is as good as new. */
const FRESH_MS = 1_500;

/** However many ask, a pool's item is read once in so long. */
export const createCachedPoolReports = (
  reports: PoolReports,
  clock: Pick<Clock, 'monotonicMs'>,
): PoolReports => ({
  readReport: cachedReads((pool) => reports.readReport(pool), { clock, freshMs: FRESH_MS }),
});
