import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  HeadBucketCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueNameExists,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import {
  type IndexDescription,
  keyAttributesOf,
  physicalName,
  type QueueDescription,
  type Resources,
  type TableDescription,
} from '../shared/contract/resources.ts';

export interface CreatedQueue {
  readonly url: string;
  readonly arn: string;
}

export interface CreatedResources {
  /** By name within the deployment. */
  readonly queues: Readonly<Record<string, CreatedQueue>>;
  readonly requestsTable: string;
  readonly reportingTable: string;
  readonly bucket: string;
  readonly eventsTopicArn?: string;
}

export interface ResourceClients {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sns: SNSClient;
}

type Queues = Readonly<Record<string, CreatedQueue>>;

const attributesOf = (queue: QueueDescription, known: Queues): Record<string, string> => {
  const deadLetter = queue.deadLetter;
  const target = deadLetter === undefined ? undefined : known[deadLetter.queue];
  return {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(queue.receiveWaitSeconds),
    ...(deadLetter === undefined || target === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: target.arn,
            maxReceiveCount: deadLetter.maxReceiveCount,
          }),
        }),
  };
};

const createQueue = async (sqs: SQSClient, queue: QueueDescription, known: Queues): Promise<CreatedQueue> => {
  const QueueName = physicalName(queue.name);
  const Attributes = attributesOf(queue, known);
  let url: string | undefined;
  try {
    url = (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
  } catch (error) {
    if (!(error instanceof QueueNameExists)) throw error;
    // From an earlier run with other settings: it keeps its messages and takes the new attributes.
    url = (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  }
  const described = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { url: url ?? '', arn: described.Attributes?.QueueArn ?? '' };
};

const createQueues = async (sqs: SQSClient, descriptions: readonly QueueDescription[]): Promise<Queues> => {
  const create = async (group: readonly QueueDescription[], known: Queues): Promise<Queues> => ({
    ...known,
    ...Object.fromEntries(
      await Promise.all(
        group.map(async (queue) => [queue.name, await createQueue(sqs, queue, known)] as const),
      ),
    ),
  });
  // Dead-letter queues first: the others name them.
  const targets = await create(
    descriptions.filter(({ deadLetter }) => deadLetter === undefined),
    {},
  );
  return create(
    descriptions.filter(({ deadLetter }) => deadLetter !== undefined),
    targets,
  );
};

const toIndex = ({ name, partitionKey, sortKey }: IndexDescription) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: partitionKey.name, KeyType: 'HASH' as const },
    { AttributeName: sortKey.name, KeyType: 'RANGE' as const },
  ],
  Projection: { ProjectionType: 'KEYS_ONLY' as const },
});

const createTable = async (dynamodb: DynamoDBClient, table: TableDescription): Promise<string> => {
  const TableName = physicalName(table.name);
  const keys = [table.partitionKey, ...(table.sortKey === undefined ? [] : [table.sortKey])];
  const attributes = keyAttributesOf(table).map(({ name, type }) => ({
    AttributeName: name,
    AttributeType: type,
  }));
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: attributes,
        KeySchema: keys.map(({ name }, index) => ({
          AttributeName: name,
          KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
        })),
        ...(table.indexes.length === 0 ? {} : { GlobalSecondaryIndexes: table.indexes.map(toIndex) }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await tableIsActive(dynamodb, TableName);
  await removeExpired(dynamodb, TableName, table.timeToLiveAttribute);
  return TableName;
};

/** AWS refuses to switch on what is on already, so it is asked first. */
const removeExpired = async (
  dynamodb: DynamoDBClient,
  TableName: string,
  AttributeName: string,
): Promise<void> => {
  const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  const status = TimeToLiveDescription?.TimeToLiveStatus;
  if (status === 'ENABLED' || status === 'ENABLING') return;
  await dynamodb.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled: true } }),
  );
};

const tableIsActive = async (dynamodb: DynamoDBClient, TableName: string): Promise<void> => {
  for (;;) {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((done) => setTimeout(done, 50));
  }
};

const createBucket = async (s3: S3Client, name: string, region: string): Promise<string> => {
  const Bucket = physicalName(name);
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
    return Bucket;
  } catch {
    // Not there, or not ours: creating it tells.
  }
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        // The one region that S3 does not take by name.
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }),
      }),
    );
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
  return Bucket;
};

/** One that is there already is answered with. */
const createTopic = async (sns: SNSClient, name: string): Promise<string> => {
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: physicalName(name) }));
  return TopicArn;
};

/** Says of an error what it means for whoever gave the service's address. */
export type ExplainFault = (service: keyof ResourceClients, error: unknown) => unknown;

/** Makes sure that everything of the description exists; what is there already keeps its contents. */
export const createResources = async (
  clients: ResourceClients,
  resources: Resources,
  region: string,
  explain: ExplainFault = (_, error) => error,
): Promise<CreatedResources> => {
  const explained = <T>(service: keyof ResourceClients, created: Promise<T>): Promise<T> =>
    created.catch((error: unknown) => {
      throw explain(service, error);
    });
  const { requests, reporting } = resources.tables;
  const [queues, requestsTable, reportingTable, bucket, eventsTopicArn] = await Promise.all([
    explained('sqs', createQueues(clients.sqs, resources.queues)),
    explained('dynamodb', createTable(clients.dynamodb, requests)),
    explained('dynamodb', createTable(clients.dynamodb, reporting)),
    explained('s3', createBucket(clients.s3, resources.bucket.name, region)),
    resources.topic === undefined ? undefined : explained('sns', createTopic(clients.sns, resources.topic)),
  ]);
  const created = { queues, requestsTable, reportingTable, bucket };
  return eventsTopicArn === undefined ? created : { ...created, eventsTopicArn };
};
