import { randomBytes } from 'node:crypto';
import { createAwsJsonCall } from '../../shared/adapters/aws-json-call.ts';
import { createBedrockModel } from '../../shared/adapters/bedrock-model.ts';
import { createCachedApiKeys } from '../../shared/adapters/cached-api-keys.ts';
import { createCachedControls } from '../../shared/adapters/cached-controls.ts';
import { createCachedPoolReports } from '../../shared/adapters/cached-pool-reports.ts';
import { createCachedSpends } from '../../shared/adapters/cached-spends.ts';
import { CLOUDWATCH_API, createCloudWatchUse } from '../../shared/adapters/cloudwatch-use.ts';
import { createDynamoAnswerStore } from '../../shared/adapters/dynamo-answer-store.ts';
import { createDynamoApiKeys } from '../../shared/adapters/dynamo-api-keys.ts';
import { createDynamoBatchStore } from '../../shared/adapters/dynamo-batch-store.ts';
import { createDynamoControlStore } from '../../shared/adapters/dynamo-control-store.ts';
import { createDynamoDeadLetterIndex } from '../../shared/adapters/dynamo-dead-letter-index.ts';
import { createDynamoDeliveryLog } from '../../shared/adapters/dynamo-delivery-log.ts';
import { createDynamoLedger } from '../../shared/adapters/dynamo-ledger.ts';
import { createDynamoOwnUse } from '../../shared/adapters/dynamo-own-use.ts';
import { createDynamoPoolBoard } from '../../shared/adapters/dynamo-pool-board.ts';
import { createDynamoPoolReports } from '../../shared/adapters/dynamo-pool-reports.ts';
import { createDynamoPoolStore } from '../../shared/adapters/dynamo-pool-store.ts';
import { createDynamoQuotaReadings } from '../../shared/adapters/dynamo-quota-readings.ts';
import { createDynamoRedriveLog } from '../../shared/adapters/dynamo-redrive-log.ts';
import { createDynamoRequestLists } from '../../shared/adapters/dynamo-request-lists.ts';
import { createDynamoRequestReader } from '../../shared/adapters/dynamo-request-reader.ts';
import { createDynamoRequestReopener } from '../../shared/adapters/dynamo-request-reopener.ts';
import { createDynamoRequestStore } from '../../shared/adapters/dynamo-request-store.ts';
import { createDynamoSpendStore } from '../../shared/adapters/dynamo-spend-store.ts';
import { createDynamoTableScan } from '../../shared/adapters/dynamo-table-scan.ts';
import { createDynamoTenantStore } from '../../shared/adapters/dynamo-tenant-store.ts';
import { createDynamoUseReadings } from '../../shared/adapters/dynamo-use-readings.ts';
import { createDynamoWebhookSecrets } from '../../shared/adapters/dynamo-webhook-secrets.ts';
import { createHttpsWebhooks } from '../../shared/adapters/https-webhooks.ts';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { createS3Objects } from '../../shared/adapters/s3-objects.ts';
import { createS3Uploads } from '../../shared/adapters/s3-uploads.ts';
import { createServiceQuotasApi, SERVICE_QUOTAS_API } from '../../shared/adapters/service-quotas-api.ts';
import { createSnsEvents } from '../../shared/adapters/sns-events.ts';
import { createSqsQueues } from '../../shared/adapters/sqs-queues.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import type { ServiceName } from '../../shared/contract/functions.ts';
import { createRequestId } from '../../shared/core/request-id.ts';
import type { AcceptDeps } from '../../shared/flows/accept/accept-deps.ts';
import type { AwaitDeps } from '../../shared/flows/await-request.ts';
import type { BatchDeps } from '../../shared/flows/batches/batch-deps.ts';
import type { ResultsDeps } from '../../shared/flows/batches/read-batch-results.ts';
import type { SplitDeps } from '../../shared/flows/batches/split-deps.ts';
import type { CancelDeps } from '../../shared/flows/cancel-request.ts';
import type { OrderDeps } from '../../shared/flows/controls/order-control.ts';
import type { ListDeadDeps } from '../../shared/flows/dead-letters/list-dead-letters.ts';
import type { RedriveDeps } from '../../shared/flows/dead-letters/redrive.ts';
import type { DrainDeps } from '../../shared/flows/drain/drain-deps.ts';
import type { NotifyDeps } from '../../shared/flows/events/notify.ts';
import type { ReplayDeps } from '../../shared/flows/events/replay-delivery.ts';
import type { SecretDeps } from '../../shared/flows/events/webhook-secrets.ts';
import type { IdentifyDeps } from '../../shared/flows/identify-caller.ts';
import type { ListDeps } from '../../shared/flows/list-requests.ts';
import type { ReadQuotaDeps } from '../../shared/flows/read-quota.ts';
import type { TenantLimitDeps } from '../../shared/flows/read-tenant-limits.ts';
import type { ReconcileDeps } from '../../shared/flows/reconcile/reconcile-deps.ts';
import { createRequestWaits } from '../../shared/flows/request-waits.ts';
import type { Completions } from '../../shared/ports/completions.ts';
import type { ControlStore } from '../../shared/ports/control-store.ts';
import type { DeliveryLog } from '../../shared/ports/delivery-log.ts';
import type { RedriveLog } from '../../shared/ports/redrive-log.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import {
  createBedrockClients,
  createDocumentClient,
  createDynamoClient,
  createS3Client,
  createSnsClient,
  createSqsClient,
  type ServiceAddress,
  type ServiceAddresses,
} from './compose-clients.ts';
import { type Environment, givenEndpoint, parseEnvironment } from './environment.ts';

/** Where a function runs: its variables, its services, and where its lines go. */
export interface Host {
  readonly env: Environment;
  readonly addresses?: ServiceAddresses;
  /** Standard output unless said otherwise. */
  readonly writeLine?: (line: string) => void;
  /** Shared by the functions of one process. */
  readonly completions?: Completions;
}

const toStandardOutput = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export const createTelemetry = (
  service: ServiceName,
  host: Host,
  environment: string | undefined,
): Telemetry =>
  createPowertoolsTelemetry({
    service,
    environment,
    writeLine: host.writeLine ?? toStandardOutput,
    nowMs: systemClock.nowMs,
  });

const askAgain = { clock: systemClock, random: Math.random };

const createSegmentId = (): string => createRequestId(Date.now(), randomBytes).replace('req_', 'seg_');

/** To change them, or to show them. */
const controlsOf = (controls: ControlStore, telemetry: Telemetry) => ({
  controls,
  seenControls: createCachedControls({ controls, clock: systemClock, telemetry }),
});

export type IngestionDeps = AcceptDeps &
  TenantLimitDeps &
  CancelDeps &
  BatchDeps &
  OrderDeps &
  IdentifyDeps &
  ReplayDeps &
  SecretDeps &
  RedriveDeps;

export const composeIngestion = (host: Host): IngestionDeps => {
  const { settings, region, variables } = parseEnvironment('ingestion', host.env);
  const { dynamodb, s3, sqs } = host.addresses ?? {};
  const table = { client: createDynamoClient(region, dynamodb), table: variables.SMOOTHER_REQUESTS_TABLE };
  const bucket = { client: createS3Client(region, s3), bucket: variables.SMOOTHER_BUCKET };
  const telemetry = createTelemetry('ingestion', host, settings.environment);
  const reporting = { client: table.client, table: variables.SMOOTHER_REPORTING_TABLE };
  const documents = createDocumentClient(region, dynamodb);
  return {
    settings,
    region,
    requests: createDynamoRequestStore({ ...table, indexed: settings.index_requests ?? false }),
    requestReader: createDynamoRequestReader({ ...table, ...askAgain }),
    reopener: createDynamoRequestReopener(table),
    deadLetters: createDynamoDeadLetterIndex({ ...table, client: documents }),
    redrives: createDynamoRedriveLog({ ...reporting, client: documents }),
    deliveries: createDynamoDeliveryLog({ ...reporting, client: documents }),
    secrets: createDynamoWebhookSecrets({ ...reporting, client: documents }),
    batches: createDynamoBatchStore({ ...table, ...askAgain }),
    pools: createDynamoPoolStore(table),
    reports: createCachedPoolReports(createDynamoPoolReports(table), systemClock),
    tenants: createDynamoTenantStore(table),
    seenSpends: createCachedSpends(createDynamoSpendStore(table), systemClock),
    queues: createSqsQueues({
      client: createSqsClient(region, sqs),
      urlPrefix: variables.SMOOTHER_QUEUE_URL_PREFIX,
    }),
    objects: createS3Objects(bucket),
    uploads: createS3Uploads(bucket),
    board: createDynamoPoolBoard(table),
    ledger: createDynamoLedger(reporting),
    ...controlsOf(createDynamoControlStore({ ...reporting, client: documents }), telemetry),
    apiKeys: createCachedApiKeys({
      keys: createDynamoApiKeys({ ...reporting, client: documents }),
      clock: systemClock,
    }),
    createSegmentId,
    random: Math.random,
    telemetry,
    clock: systemClock,
    ...(host.completions === undefined ? {} : { completions: host.completions }),
    randomBytes,
  };
};

/** Everything anew for each invocation: no connection survives a frozen Lambda. */
export const composeSplitter = (host: Host): { readonly deps: SplitDeps; readonly close: () => void } => {
  const { settings, region, variables } = parseEnvironment('splitter', host.env);
  const { dynamodb, s3, sqs } = host.addresses ?? {};
  const client = createDynamoClient(region, dynamodb);
  const sqsClient = createSqsClient(region, sqs);
  const s3Client = createS3Client(region, s3);
  const table = { client, table: variables.SMOOTHER_REQUESTS_TABLE };
  const deps: SplitDeps = {
    settings,
    region,
    requests: createDynamoRequestStore({ ...table, indexed: settings.index_requests ?? false }),
    batches: createDynamoBatchStore({ ...table, ...askAgain }),
    pools: createDynamoPoolStore(table),
    tenants: createDynamoTenantStore(table),
    queues: createSqsQueues({ client: sqsClient, urlPrefix: variables.SMOOTHER_QUEUE_URL_PREFIX }),
    objects: createS3Objects({ client: s3Client, bucket: variables.SMOOTHER_BUCKET }),
    telemetry: createTelemetry('splitter', host, settings.environment),
    chunkMembers: 500,
    clock: systemClock,
    randomBytes,
  };
  return {
    deps,
    close: () => {
      for (const open of [client, sqsClient, s3Client]) open.destroy();
    },
  };
};

/** Everything anew for each invocation, too. */
export const composePrioritization = (
  host: Host,
): { readonly deps: DrainDeps; readonly close: () => void } => {
  const { settings, region, variables } = parseEnvironment('prioritization', host.env);
  const { dynamodb, s3, sqs, bedrockRuntime, serviceQuotas, cloudWatch } = host.addresses ?? {};
  const client = createDynamoClient(region, dynamodb);
  const documents = createDocumentClient(region, dynamodb);
  const sqsClient = createSqsClient(region, sqs);
  const s3Client = createS3Client(region, s3);
  const reporting = { client, table: variables.SMOOTHER_REPORTING_TABLE };
  const bedrock = createBedrockClients(region, settings.max_concurrent_executions, bedrockRuntime);
  const table = { client, table: variables.SMOOTHER_REQUESTS_TABLE };
  // Whoever may call the model asks for its quota, and for its use.
  const credentialsAt = (address: ServiceAddress | undefined) => async () =>
    address?.credentials ?? bedrock.clientFor({}).config.credentials();
  const deps: DrainDeps = {
    settings,
    region,
    clock: systemClock,
    random: Math.random,
    createSegmentId,
    queues: createSqsQueues({ client: sqsClient, urlPrefix: variables.SMOOTHER_QUEUE_URL_PREFIX }),
    requests: createDynamoRequestStore(table),
    reopener: createDynamoRequestReopener(table),
    pools: createDynamoPoolStore(table),
    board: createDynamoPoolBoard(table),
    batches: createDynamoBatchStore({ ...table, ...askAgain }),
    tenants: createDynamoTenantStore(table),
    spends: createDynamoSpendStore(table),
    answers: createDynamoAnswerStore(table),
    objects: createS3Objects({ client: s3Client, bucket: variables.SMOOTHER_BUCKET }),
    ledger: createDynamoLedger(reporting),
    controls: createDynamoControlStore({ ...reporting, client: documents }),
    telemetry: createTelemetry('prioritization', host, settings.environment),
    model: createBedrockModel(bedrock.clientFor),
    serviceQuotas: createServiceQuotasApi(
      createAwsJsonCall({
        ...SERVICE_QUOTAS_API,
        region,
        endpoint: serviceQuotas?.endpoint ?? givenEndpoint('SERVICE_QUOTAS', host.env),
        credentials: credentialsAt(serviceQuotas),
      }),
    ),
    accountUse: createCloudWatchUse(
      createAwsJsonCall({
        ...CLOUDWATCH_API,
        region,
        endpoint: cloudWatch?.endpoint ?? givenEndpoint('CLOUDWATCH', host.env),
        credentials: credentialsAt(cloudWatch),
      }),
    ),
    ownUse: createDynamoOwnUse({ ...reporting, client: documents }),
    useReadings: createDynamoUseReadings({ ...reporting, client: documents }),
    quotaReadings: createDynamoQuotaReadings({ ...reporting, client: documents }),
    ...(host.completions === undefined ? {} : { completions: host.completions }),
  };
  return {
    deps,
    close: () => {
      for (const open of [client, documents, sqsClient, s3Client]) open.destroy();
      bedrock.close();
    },
  };
};

/** Everything anew for each invocation: between two of them lies an hour. */
export const composeReconciler = (
  host: Host,
): { readonly deps: ReconcileDeps; readonly close: () => void } => {
  const { settings, region, variables } = parseEnvironment('reconciler', host.env);
  const { dynamodb, s3, sqs } = host.addresses ?? {};
  const client = createDynamoClient(region, dynamodb);
  const sqsClient = createSqsClient(region, sqs);
  const s3Client = createS3Client(region, s3);
  const table = { client, table: variables.SMOOTHER_REQUESTS_TABLE };
  const deps: ReconcileDeps = {
    settings,
    region,
    scan: createDynamoTableScan(table),
    requests: createDynamoRequestStore(table),
    requestReader: createDynamoRequestReader({ ...table, ...askAgain }),
    batches: createDynamoBatchStore({ ...table, ...askAgain }),
    tenants: createDynamoTenantStore(table),
    queues: createSqsQueues({ client: sqsClient, urlPrefix: variables.SMOOTHER_QUEUE_URL_PREFIX }),
    objects: createS3Objects({ client: s3Client, bucket: variables.SMOOTHER_BUCKET }),
    ledger: createDynamoLedger({ client, table: variables.SMOOTHER_REPORTING_TABLE }),
    telemetry: createTelemetry('reconciler', host, settings.environment),
    createSegmentId,
    random: Math.random,
    clock: systemClock,
  };
  return {
    deps,
    close: () => {
      for (const open of [client, sqsClient, s3Client]) open.destroy();
    },
  };
};

/** Everything anew for each invocation, too. */
export const composeNotification = (
  host: Host,
): { readonly deps: NotifyDeps; readonly close: () => void } => {
  const { settings, region, variables } = parseEnvironment('notification', host.env);
  const { dynamodb, sns, sqs } = host.addresses ?? {};
  const documents = createDocumentClient(region, dynamodb);
  const sqsClient = createSqsClient(region, sqs);
  const snsClient = createSnsClient(region, sns);
  const reporting = { client: documents, table: variables.SMOOTHER_REPORTING_TABLE };
  const deps: NotifyDeps = {
    topic: createSnsEvents({ client: snsClient, topicArn: variables.SMOOTHER_EVENTS_TOPIC_ARN }),
    queues: createSqsQueues({ client: sqsClient, urlPrefix: variables.SMOOTHER_QUEUE_URL_PREFIX }),
    deliveries: createDynamoDeliveryLog(reporting),
    secrets: createDynamoWebhookSecrets(reporting),
    sender: createHttpsWebhooks({ allowsLoopback: settings.webhooks === 'loopback' }),
    telemetry: createTelemetry('notification', host, settings.environment),
    clock: systemClock,
    random: Math.random,
    randomBytes,
  };
  return {
    deps,
    close: () => {
      for (const open of [documents, sqsClient, snsClient]) open.destroy();
    },
  };
};

export type QueryDeps = AwaitDeps &
  TenantLimitDeps &
  ListDeps &
  ResultsDeps &
  ReadQuotaDeps &
  IdentifyDeps &
  ListDeadDeps & {
    readonly controls: ControlStore;
    readonly redrives: RedriveLog;
    readonly deliveries: DeliveryLog;
  };

export const composeQuery = (host: Host): QueryDeps => {
  const { settings, region, variables } = parseEnvironment('query', host.env);
  const { dynamodb, s3 } = host.addresses ?? {};
  const table = { client: createDynamoClient(region, dynamodb), table: variables.SMOOTHER_REQUESTS_TABLE };
  const telemetry = createTelemetry('query', host, settings.environment);
  const reporting = { client: table.client, table: variables.SMOOTHER_REPORTING_TABLE };
  const documents = createDocumentClient(region, dynamodb);
  const requestReader = createDynamoRequestReader({ ...table, ...askAgain });
  return {
    settings,
    region,
    requests: createDynamoRequestStore(table),
    requestReader,
    seenSpends: createCachedSpends(createDynamoSpendStore(table), systemClock),
    lists: createDynamoRequestLists({ ...table, client: documents }),
    deadLetters: createDynamoDeadLetterIndex({ ...table, client: documents }),
    redrives: createDynamoRedriveLog({ ...reporting, client: documents }),
    deliveries: createDynamoDeliveryLog({ ...reporting, client: documents }),
    waits: createRequestWaits({
      requestReader,
      clock: systemClock,
      telemetry,
      ...(host.completions === undefined ? {} : { completions: host.completions }),
    }),
    reports: createCachedPoolReports(createDynamoPoolReports(table), systemClock),
    batches: createDynamoBatchStore({ ...table, ...askAgain }),
    useReadings: createDynamoUseReadings({ ...reporting, client: documents }),
    quotaReadings: createDynamoQuotaReadings({ ...reporting, client: documents }),
    ...controlsOf(createDynamoControlStore({ ...reporting, client: documents }), telemetry),
    apiKeys: createCachedApiKeys({
      keys: createDynamoApiKeys({ ...reporting, client: documents }),
      clock: systemClock,
    }),
    objects: createS3Objects({ client: createS3Client(region, s3), bucket: variables.SMOOTHER_BUCKET }),
    telemetry,
    clock: systemClock,
  };
};
