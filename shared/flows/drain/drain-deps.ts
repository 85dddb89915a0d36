import type { Settings } from '../../contract/settings.ts';
import type { AnswerStore } from '../../ports/answer-store.ts';
import type { BatchStore } from '../../ports/batch-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Completions } from '../../ports/completions.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Model } from '../../ports/model.ts';
import type { Objects } from '../../ports/objects.ts';
import type { PoolBoard } from '../../ports/pool-board.ts';
import type { PoolStore } from '../../ports/pool-store.ts';
import type { Queues } from '../../ports/queues.ts';
import type { RequestReopener } from '../../ports/request-reopener.ts';
import type { RequestStore } from '../../ports/request-store.ts';
import type { SpendStore } from '../../ports/spend-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { TenantStore } from '../../ports/tenant-store.ts';
import type { UseDeps } from '../quota/read-others-use.ts';
import type { QuotaDeps } from '../quota/read-service-quota.ts';

export interface DrainDeps extends QuotaDeps, UseDeps {
  readonly settings: Settings;
  readonly region: string;
  readonly clock: Clock;
  /** [0, 1) */
  readonly random: () => number;
  readonly createSegmentId: () => string;
  readonly queues: Queues;
  readonly requests: RequestStore;
  readonly reopener: RequestReopener;
  readonly pools: PoolStore;
  readonly board: PoolBoard;
  readonly batches: BatchStore;
  readonly tenants: TenantStore;
  readonly spends: SpendStore;
  readonly answers: AnswerStore;
  readonly objects: Objects;
  readonly ledger: Ledger;
  readonly controls: Pick<ControlStore, 'read'>;
  readonly telemetry: Telemetry;
  readonly model: Model;
  /** Of this process, where requests are also waited for. */
  readonly completions?: Completions;
}
