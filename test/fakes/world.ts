import { createProcessCompletions } from '../../shared/adapters/process-completions.ts';
import { parseSettings, type Settings } from '../../shared/contract/settings.ts';
import type { AcceptDeps } from '../../shared/flows/accept/accept-deps.ts';
import type { AwaitDeps } from '../../shared/flows/await-request.ts';
import type { BatchDeps } from '../../shared/flows/batches/batch-deps.ts';
import type { ResultsDeps } from '../../shared/flows/batches/read-batch-results.ts';
import type { CancelDeps } from '../../shared/flows/cancel-request.ts';
import type { OrderDeps } from '../../shared/flows/controls/order-control.ts';
import type { RedriveDeps } from '../../shared/flows/dead-letters/redrive.ts';
import type { DrainDeps } from '../../shared/flows/drain/drain-deps.ts';
import type { ReplayDeps } from '../../shared/flows/events/replay-delivery.ts';
import type { SecretDeps } from '../../shared/flows/events/webhook-secrets.ts';
import type { IdentifyDeps } from '../../shared/flows/identify-caller.ts';
import type { ListDeps } from '../../shared/flows/list-requests.ts';
import type { ReadQuotaDeps } from '../../shared/flows/read-quota.ts';
import type { TenantLimitDeps } from '../../shared/flows/read-tenant-limits.ts';
import type { ReconcileDeps } from '../../shared/flows/reconcile/reconcile-deps.ts';
import { createRequestWaits } from '../../shared/flows/request-waits.ts';
import type { UseReadings } from '../../shared/ports/account-use.ts';
import type { AnswerStore } from '../../shared/ports/answer-store.ts';
import type { ApiKeyStore } from '../../shared/ports/api-key-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Completions } from '../../shared/ports/completions.ts';
import type { ControlStore } from '../../shared/ports/control-store.ts';
import type { DeliveryLog } from '../../shared/ports/delivery-log.ts';
import type { PoolBoard } from '../../shared/ports/pool-board.ts';
import type { PoolReports } from '../../shared/ports/pool-reports.ts';
import type { PoolStore } from '../../shared/ports/pool-store.ts';
import type { QuotaReadings } from '../../shared/ports/quota-readings.ts';
import type { RedriveLog } from '../../shared/ports/redrive-log.ts';
import type { SpendStore } from '../../shared/ports/spend-store.ts';
import type { TableScan } from '../../shared/ports/table-scan.ts';
import type { Uploads } from '../../shared/ports/uploads.ts';
import type { WebhookSecretStore } from '../../shared/ports/webhook-secrets.ts';
import { type Around, interpose } from './interpose.ts';
import { createMemoryAnswerStore } from './memory-answer-store.ts';
import { createMemoryApiKeys } from './memory-api-keys.ts';
import { createMemoryBatchStore, type MemoryBatchStore } from './memory-batch-store.ts';
import { createMemoryControlStore } from './memory-control-store.ts';
import { createMemoryDeadLetterIndex, createMemoryRedriveLog } from './memory-dead-letters.ts';
import { createMemoryDeliveryLog, createMemoryWebhookSecrets } from './memory-events.ts';
import { createMemoryLedger, type MemoryLedger } from './memory-ledger.ts';
import { createMemoryObjects, type MemoryObjects } from './memory-objects.ts';
import { createMemoryPoolStore } from './memory-pool-store.ts';
import { createMemoryQueues, type MemoryQueues } from './memory-queues.ts';
import {
  createMemoryQuotaReadings,
  createMemoryServiceQuotas,
  type MemoryServiceQuotas,
} from './memory-quotas.ts';
import { createMemoryRequestLists } from './memory-request-lists.ts';
import { createMemoryRequestStore, type MemoryRequestStore } from './memory-request-store.ts';
import { createMemorySpendStore } from './memory-spend-store.ts';
import { createMemoryTableScan } from './memory-table-scan.ts';
import { createMemoryTenantStore, type MemoryTenantStore } from './memory-tenant-store.ts';
import { createMemoryUploads } from './memory-uploads.ts';
import {
  createMemoryAccountUse,
  createMemoryOwnUse,
  createMemoryUseReadings,
  type MemoryAccountUse,
} from './memory-use.ts';
import { createRecordedTelemetry, type RecordedTelemetry } from './recorded-telemetry.ts';
import { createScriptedModel, type ScriptedModel, type ScriptedModelOptions } from './scripted-model.ts';
import { createNumbered, createRandom, createRandomBytes } from './sequences.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Everything outside the functions: it outlives them. */
export interface World {
  readonly settings: Settings;
  readonly clock: VirtualClock;
  readonly queues: MemoryQueues;
  readonly requests: MemoryRequestStore;
  readonly pools: PoolStore & PoolReports & PoolBoard;
  readonly redrives: RedriveLog;
  readonly deliveries: DeliveryLog;
  readonly secrets: WebhookSecretStore;
  readonly batches: MemoryBatchStore;
  readonly tenants: MemoryTenantStore;
  readonly spends: SpendStore;
  readonly answers: AnswerStore;
  readonly scan: TableScan;
  readonly objects: MemoryObjects;
  readonly uploads: Uploads;
  readonly ledger: MemoryLedger;
  readonly serviceQuotas: MemoryServiceQuotas;
  readonly quotaReadings: QuotaReadings;
  readonly accountUse: MemoryAccountUse;
  readonly useReadings: UseReadings;
  readonly controls: ControlStore;
  readonly apiKeys: ApiKeyStore;
  readonly model: ScriptedModel;
  readonly telemetry: RecordedTelemetry;
  /** Where drains and reads share a process. */
  readonly completions: Completions | undefined;
  readonly createSegmentId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface WorldOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly model?: ScriptedModelOptions;
  /** Drains and reads share a process. */
  readonly oneProcess?: boolean;
  /** So many items on a page of the table, in a scan. */
  readonly pageItems?: number;
}

const ONE_POOL = {
  models: { haiku: { model_id: 'model-haiku', quota: { tokens_per_minute: 10_000_000 } } },
};

export const settingsOf = (context: Readonly<Record<string, unknown>> = {}): Settings => {
  const parsed = parseSettings({ ...ONE_POOL, ...context });
  if (!parsed.ok) throw new Error(parsed.faults.map(({ setting, detail }) => `${setting} ${detail}`).join());
  return parsed.settings;
};

export const createWorld = (options: WorldOptions = {}): World => {
  const clock = new VirtualClock();
  const tables = {
    requests: createMemoryRequestStore(),
    batches: createMemoryBatchStore(),
    tenants: createMemoryTenantStore(),
  };
  return {
    ...tables,
    scan: createMemoryTableScan(tables, options.pageItems),
    settings: settingsOf(options.settings),
    clock,
    queues: createMemoryQueues(clock),
    pools: createMemoryPoolStore(),
    redrives: createMemoryRedriveLog(),
    deliveries: createMemoryDeliveryLog(),
    secrets: createMemoryWebhookSecrets(),
    objects: createMemoryObjects(),
    uploads: createMemoryUploads(),
    ledger: createMemoryLedger(),
    serviceQuotas: createMemoryServiceQuotas(),
    quotaReadings: createMemoryQuotaReadings(),
    accountUse: createMemoryAccountUse(),
    useReadings: createMemoryUseReadings(),
    controls: createMemoryControlStore(),
    spends: createMemorySpendStore(),
    answers: createMemoryAnswerStore(),
    apiKeys: createMemoryApiKeys(),
    model: createScriptedModel(clock, options.model),
    telemetry: createRecordedTelemetry(),
    completions: options.oneProcess === true ? createProcessCompletions() : undefined,
    createSegmentId: createNumbered('segment'),
    randomBytes: createRandomBytes(),
  };
};

const straight: Around = (_, perform) => perform();

export const acceptDepsOf = (
  world: World,
  around: Around = straight,
): AcceptDeps &
  AwaitDeps &
  ListDeps &
  CancelDeps &
  BatchDeps &
  ResultsDeps &
  ReadQuotaDeps &
  OrderDeps &
  IdentifyDeps &
  TenantLimitDeps &
  ReplayDeps &
  SecretDeps &
  RedriveDeps => ({
  settings: world.settings,
  region: 'us-east-1',
  requests: interpose('requests', world.requests, around),
  reopener: interpose('reopener', world.requests, around),
  deadLetters: interpose('deadLetters', createMemoryDeadLetterIndex(world.requests), around),
  redrives: interpose('redrives', world.redrives, around),
  deliveries: interpose('deliveries', world.deliveries, around),
  secrets: interpose('secrets', world.secrets, around),
  pools: interpose('pools', world.pools, around),
  reports: interpose('reports', world.pools, around),
  requestReader: interpose('requestReader', world.requests, around),
  lists: interpose('lists', createMemoryRequestLists(world.requests, world.batches), around),
  waits: createRequestWaits({
    requestReader: interpose('requestReader', world.requests, around),
    clock: world.clock,
    telemetry: world.telemetry,
    ...(world.completions === undefined ? {} : { completions: world.completions }),
  }),
  batches: interpose('batches', world.batches, around),
  uploads: world.uploads,
  tenants: interpose('tenants', world.tenants, around),
  queues: interpose('queues', world.queues, around),
  objects: interpose('objects', world.objects, around),
  board: interpose('board', world.pools, around),
  ledger: interpose('ledger', world.ledger, around),
  quotaReadings: interpose('quotaReadings', world.quotaReadings, around),
  useReadings: interpose('useReadings', world.useReadings, around),
  controls: interpose('controls', world.controls, around),
  seenControls: () => world.controls.read(),
  seenSpends: interpose('seenSpends', world.spends, around),
  apiKeys: interpose('apiKeys', world.apiKeys, around),
  createSegmentId: world.createSegmentId,
  random: createRandom(),
  ...(world.completions === undefined ? {} : { completions: world.completions }),
  telemetry: world.telemetry,
  clock: world.clock,
  randomBytes: world.randomBytes,
});

export const reconcileDepsOf = (world: World, around: Around = straight): ReconcileDeps => ({
  settings: world.settings,
  region: 'us-east-1',
  clock: world.clock,
  random: createRandom(),
  createSegmentId: world.createSegmentId,
  scan: interpose('scan', world.scan, around),
  queues: interpose('queues', world.queues, around),
  requests: interpose('requests', world.requests, around),
  requestReader: interpose('requestReader', world.requests, around),
  batches: interpose('batches', world.batches, around),
  tenants: interpose('tenants', world.tenants, around),
  objects: interpose('objects', world.objects, around),
  ledger: interpose('ledger', world.ledger, around),
  telemetry: world.telemetry,
});

/** What every call of a store takes: without it, a loop that never waits would stop virtual time. */
const ROUND_TRIP_MS = 5;

export const drainDepsOf = (
  world: World,
  around: Around = straight,
  clock: Clock = world.clock,
): DrainDeps => {
  const slow: Around = async (effect, perform) => {
    await world.clock.sleep(ROUND_TRIP_MS);
    return around(effect, perform);
  };
  return {
    settings: world.settings,
    region: 'us-east-1',
    clock,
    random: createRandom(),
    createSegmentId: world.createSegmentId,
    queues: interpose('queues', world.queues, slow),
    requests: interpose('requests', world.requests, slow),
    reopener: interpose('reopener', world.requests, slow),
    pools: interpose('pools', world.pools, slow),
    board: interpose('board', world.pools, slow),
    batches: interpose('batches', world.batches, slow),
    tenants: interpose('tenants', world.tenants, slow),
    spends: interpose('spends', world.spends, slow),
    answers: interpose('answers', world.answers, slow),
    objects: interpose('objects', world.objects, slow),
    ledger: interpose('ledger', world.ledger, slow),
    serviceQuotas: interpose('serviceQuotas', world.serviceQuotas, slow),
    quotaReadings: interpose('quotaReadings', world.quotaReadings, slow),
    accountUse: interpose('accountUse', world.accountUse, slow),
    ownUse: interpose('ownUse', createMemoryOwnUse(world.ledger), slow),
    useReadings: interpose('useReadings', world.useReadings, slow),
    controls: interpose('controls', world.controls, slow),
    model: interpose('model', world.model, slow),
    telemetry: world.telemetry,
    ...(world.completions === undefined ? {} : { completions: world.completions }),
  };
};
