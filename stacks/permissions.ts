import type { FunctionName } from '../shared/contract/functions.ts';
import { deliveryKey, FOLDERS, WEBHOOK_SECRETS } from '../shared/contract/keys.ts';
import { deadLetterQueue, parkedQueue, QUEUES } from '../shared/contract/names.ts';
import { MEASURED, SERVICE_QUOTAS } from '../shared/contract/quota-settings.ts';
import { REQUEST_INDEXES } from '../shared/contract/request-indexes.ts';
import { tellingOf } from '../shared/contract/resources.ts';
import { targetsOf } from '../shared/core/targets/targets-of.ts';
import { eventsTopicArn, lanesArn } from './arn.ts';
import type { Bucket } from './constructs/bucket.ts';
import type { Queues } from './constructs/queues.ts';
import type { Table } from './constructs/table.ts';
import { denyKeyWrites } from './deny-key-writes.ts';
import { invokeModels } from './model-arns.ts';
import { partitionOf } from './partition.ts';
import { allow, type Statement } from './policy.ts';
import type { DeployableSettings } from './settings.ts';

export interface Stores {
  readonly queues: Queues;
  readonly requests: Table;
  readonly reporting: Table;
  readonly bucket: Bucket;
}

/** What permissions need to know of the stores. */
export interface Reachable {
  readonly queues: { readonly get: (name: string) => { readonly arn: string } };
  readonly requests: Pick<Table, 'arn' | 'indexArns'>;
  readonly reporting: Pick<Table, 'arn'>;
  readonly bucket: Pick<Bucket, 'arn' | 'arnOf'>;
}

interface Work {
  /** Of the queues of those who are told of what ends. */
  readonly toldQueues: readonly string[];
  readonly pools: readonly string[];
  /** Of every queue that their drains receive from. */
  readonly arns: readonly string[];
}

const arnsOf = (queues: Reachable['queues'], names: readonly string[]): readonly string[] =>
  names.map((name) => queues.get(name).arn);

const sendTo = (arns: readonly string[]): Statement => allow(['sqs:SendMessage'], arns);

/** What an event source mapping does in the function's name. */
const beInvokedBy = (queues: Reachable['queues'], name: string): Statement => ({
  Sid: 'Mapping',
  ...allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queues.get(name).arn]),
});

const getObjects = (bucket: Reachable['bucket'], folders: readonly string[]): readonly Statement[] => [
  allow(
    ['s3:GetObject'],
    folders.map((folder) => bucket.arnOf(folder)),
  ),
  // Without it S3 answers "denied" for an object that is gone, and nobody could tell the two apart.
  allow(['s3:ListBucket'], [bucket.arn]),
];

/** A request can name an object that Bedrock is to read in the caller's name: it must not be another tenant's. */
const notThroughBedrock = (bucket: Reachable['bucket']): Statement => ({
  Sid: 'NotThroughBedrock',
  Effect: 'Deny',
  Action: ['s3:GetObject'],
  Resource: [bucket.arnOf('')],
  Condition: { Bool: { 'aws:ViaAWSService': 'true' } },
});

const putObjects = (bucket: Reachable['bucket'], folders: readonly string[]): Statement =>
  allow(
    ['s3:PutObject'],
    folders.map((folder) => bucket.arnOf(folder)),
  );

const ingestion = ({ queues, requests, reporting, bucket }: Reachable, work: Work): readonly Statement[] => [
  beInvokedBy(queues, QUEUES.input),
  sendTo([
    ...arnsOf(queues, [QUEUES.inputDeadLetter, QUEUES.wake, QUEUES.results, QUEUES.batches]),
    ...arnsOf(queues, work.toldQueues),
    ...work.arns,
  ]),
  // What tells of dead letters that were reopened is removed.
  allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
    arnsOf(queues, work.pools.map(deadLetterQueue)),
  ),
  allow(
    ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [requests.arn],
  ),
  allow(['dynamodb:Query'], [`${requests.arn}/index/${REQUEST_INDEXES.dead_letters.name}`]),
  // What may be uploaded by a URL is what its signer may put.
  putObjects(bucket, [FOLDERS.inputs, FOLDERS.batches, FOLDERS.uploads]),
  // A canceled request is ended as a drain would: its result, its usage so far.
  putObjects(bucket, [FOLDERS.results]),
  // And what operators set, with the list of their changes.
  allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [reporting.arn]),
  ...getObjects(bucket, [FOLDERS.inputs, FOLDERS.results, FOLDERS.uploads]),
];

const splitter = ({ queues, requests, bucket }: Reachable, work: Work): readonly Statement[] => [
  beInvokedBy(queues, QUEUES.batches),
  allow(['sqs:ChangeMessageVisibility'], [queues.get(QUEUES.batches).arn]),
  sendTo([...arnsOf(queues, [QUEUES.wake, QUEUES.results, ...work.toldQueues]), ...work.arns]),
  allow(
    ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [requests.arn],
  ),
  putObjects(bucket, [FOLDERS.inputs, FOLDERS.batches, FOLDERS.results]),
  // Results as well: of what ended before its batch was canceled it is told again.
  ...getObjects(bucket, [FOLDERS.batches, FOLDERS.uploads, FOLDERS.results]),
];

const prioritization = (
  { queues, requests, reporting, bucket }: Reachable,
  work: Work,
): readonly Statement[] => [
  beInvokedBy(queues, QUEUES.wake),
  allow(
    [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:ChangeMessageVisibility',
      // How many wait, for those who ask how long it will take.
      'sqs:GetQueueAttributes',
    ],
    work.arns,
  ),
  sendTo(
    arnsOf(queues, [
      QUEUES.results,
      ...work.toldQueues,
      ...work.pools.map(parkedQueue),
      ...work.pools.map(deadLetterQueue),
    ]),
  ),
  allow(
    ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [requests.arn],
  ),
  // Whether a flush was recorded is asked when its lane messages come again.
  allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [reporting.arn]),
  // Texts as well: of what failed and may be sent again.
  putObjects(bucket, [FOLDERS.inputs, FOLDERS.results]),
  ...getObjects(bucket, [FOLDERS.inputs, FOLDERS.results]),
  notThroughBedrock(bucket),
];

/** It ends requests as a drain does, and is the only one that may scan. */
const reconciler = ({ queues, requests, reporting, bucket }: Reachable, work: Work): readonly Statement[] => [
  // Whether anything waits at all: otherwise what is counted as waiting has leaked.
  allow(['sqs:GetQueueAttributes'], [...work.arns, ...arnsOf(queues, [QUEUES.batches])]),
  sendTo(arnsOf(queues, [QUEUES.results, QUEUES.batches, ...work.toldQueues])),
  allow(
    ['dynamodb:Scan', 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    [requests.arn],
  ),
  allow(['dynamodb:PutItem'], [reporting.arn]),
  putObjects(bucket, [FOLDERS.results]),
];

/** It writes nothing but how its webhooks went, and what they are signed with. */
const notification = (
  { queues, reporting }: Reachable,
  { toldQueues }: Work,
  topicArn: string,
): readonly Statement[] => {
  if (toldQueues.length === 0) return [];
  return [
    {
      Sid: 'Mapping',
      ...allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        arnsOf(queues, toldQueues),
      ),
    },
    ...(toldQueues.includes(QUEUES.events) ? [allow(['sns:Publish'], [topicArn])] : []),
    ...(toldQueues.includes(QUEUES.webhooks)
      ? [
          allow(['sqs:ChangeMessageVisibility'], arnsOf(queues, [QUEUES.webhooks])),
          {
            ...allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [reporting.arn]),
            Condition: {
              'ForAllValues:StringLike': {
                'dynamodb:LeadingKeys': [deliveryKey('*', '').report_id, WEBHOOK_SECRETS],
              },
            },
          },
        ]
      : []),
  ];
};

const query = ({ requests, reporting, bucket }: Reachable): readonly Statement[] => [
  allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], [requests.arn]),
  allow(['dynamodb:Query'], requests.indexArns),
  // What steers the pools, where their limits come from, and who changed it.
  allow(['dynamodb:GetItem', 'dynamodb:Query'], [reporting.arn]),
  ...getObjects(bucket, [FOLDERS.results]),
];

/** Of whoever works with what one key of the account's encrypts; the services ask in the function's name. */
const useKey = (kmsKeyArn: string | undefined, region: string): readonly Statement[] => {
  if (kmsKeyArn === undefined) return [];
  const tables = `dynamodb.${region}.${partitionOf(region).dnsSuffix}`;
  return [
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [kmsKeyArn]),
    {
      ...allow(['kms:Encrypt', 'kms:DescribeKey'], [kmsKeyArn]),
      Condition: { StringEquals: { 'kms:ViaService': tables } },
    },
  ];
};

/** Lists only; Service Quotas knows no resources for them. */
const readQuotas = (models: DeployableSettings['models']): readonly Statement[] =>
  Object.values(models).some(({ quota }) => quota === SERVICE_QUOTAS)
    ? [allow(['servicequotas:ListServiceQuotas', 'servicequotas:ListAWSDefaultServiceQuotas'], ['*'])]
    : [];

/** Where others of the account are measured; CloudWatch knows no resources for its metrics. */
const measureUse = (models: DeployableSettings['models'], { reporting }: Reachable): readonly Statement[] =>
  Object.values(models).some(({ headroom }) => headroom === MEASURED)
    ? [allow(['cloudwatch:GetMetricData'], ['*']), allow(['dynamodb:Query'], [reporting.arn])]
    : [];

/** What each function may do: what the adapters call, on what they call it. */
export const functionPermissions = (
  { kmsKeyArn, ...stores }: Reachable & { readonly kmsKeyArn?: string | undefined },
  settings: DeployableSettings,
  account: string,
): Readonly<Record<FunctionName, readonly Statement[]>> => {
  const { models, aws_region } = settings;
  const pools = Object.keys(models);
  const { subscribers, callbacks } = tellingOf(settings);
  const work: Work = {
    pools,
    toldQueues: [...(subscribers ? [QUEUES.events] : []), ...(callbacks ? [QUEUES.webhooks] : [])],
    arns: pools.flatMap((pool) => [
      lanesArn(settings, account, pool),
      ...arnsOf(stores.queues, [parkedQueue(pool)]),
    ]),
  };
  const targets = Object.values(models).flatMap(targetsOf);
  const key = useKey(kmsKeyArn, aws_region);
  const withoutKeyWrites = denyKeyWrites(settings, stores.reporting.arn);
  return {
    ingestion: withoutKeyWrites([...ingestion(stores, work), ...key]),
    prioritization: withoutKeyWrites([
      ...prioritization(stores, work),
      ...invokeModels(
        targets.map(({ modelId, region = aws_region }) => ({ modelId, region })),
        account,
      ),
      ...readQuotas(models),
      ...measureUse(models, stores),
      ...key,
    ]),
    splitter: [...splitter(stores, work), ...key],
    reconciler: withoutKeyWrites([...reconciler(stores, work), ...key]),
    query: [...query(stores), ...key],
    notification: [...notification(stores, work, eventsTopicArn(settings, account)), ...key],
  };
};
