import type { Settings } from '../../contract/settings.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';
import type { PoolReports } from '../../ports/pool-reports.ts';
import type { PoolStore } from '../../ports/pool-store.ts';
import type { Queues } from '../../ports/queues.ts';
import type { RequestStore } from '../../ports/request-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { TenantStore } from '../../ports/tenant-store.ts';

export interface AcceptDeps {
  readonly settings: Settings;
  readonly requests: RequestStore;
  readonly tenants: TenantStore;
  readonly pools: PoolStore;
  /** Of doors that may refuse what would wait too long; members of a batch were accepted with it. */
  readonly reports?: PoolReports;
  readonly queues: Queues;
  readonly objects: Objects;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly randomBytes: (count: number) => Uint8Array;
}
