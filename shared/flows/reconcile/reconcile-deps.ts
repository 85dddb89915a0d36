import type { RequestReader } from '../../ports/request-reader.ts';
import type { TableScan } from '../../ports/table-scan.ts';
import type { SettleDeps } from '../drain/settle-deps.ts';

/** What it takes to look through the table, and to write down ends as a drain does. */
export interface ReconcileDeps extends SettleDeps {
  readonly scan: TableScan;
  readonly requestReader: RequestReader;
}
