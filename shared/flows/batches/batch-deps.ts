import type { Settings } from '../../contract/settings.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';
import type { PoolReports } from '../../ports/pool-reports.ts';
import type { Queues } from '../../ports/queues.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { Uploads } from '../../ports/uploads.ts';

/** What the doors of batches need. */
export interface BatchDeps {
  readonly settings: Settings;
  readonly batches: BatchStore;
  readonly reports: PoolReports;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly queues: Queues;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}
