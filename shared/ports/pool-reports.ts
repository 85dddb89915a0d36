import type { PoolReport } from '../contract/pool-report.ts';

/** What the owners of pools publish with their heartbeats, for those who only read. */
export interface PoolReports {
  /** The last one, whoever wrote it; nothing of a pool that never had an owner. Eventually consistent. */
  readReport(pool: string): Promise<PoolReport | undefined>;
}
