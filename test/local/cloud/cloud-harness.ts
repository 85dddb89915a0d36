import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../../local/cloud/start-cloud.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

export interface Clients {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly s3: S3Client;
  readonly dynamoDb: DynamoDBClient;
  destroy(): void;
}

export interface CloudHarness extends Clients {
  readonly dataDir: string;
  readonly cloud: Cloud;
  /** Same data, another port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export function createClients(endpoint: string): Clients {
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  };
  const clients = [
    new SQSClient(options),
    new SNSClient(options),
    new S3Client({ ...options, forcePathStyle: true }),
    new DynamoDBClient(options),
  ] as const;
  const [sqs, sns, s3, dynamoDb] = clients;
  return { sqs, sns, s3, dynamoDb, destroy: () => clients.forEach((client) => void client.destroy()) };
}

export async function startHarness(region = 'us-east-1'): Promise<CloudHarness> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cloud-'));
  let cloud = await startCloud({ dataDir, port: 0, region });
  let clients = createClients(cloud.endpoint);
  const close = async () => {
    clients.destroy();
    await cloud.close();
  };
  return {
    dataDir,
    get cloud() {
      return cloud;
    },
    get sqs() {
      return clients.sqs;
    },
    get sns() {
      return clients.sns;
    },
    get s3() {
      return clients.s3;
    },
    get dynamoDb() {
      return clients.dynamoDb;
    },
    destroy: () => clients.destroy(),
    restart: async () => {
      await close();
      cloud = await startCloud({ dataDir, port: 0, region });
      clients = createClients(cloud.endpoint);
    },
    stop: async () => {
      await close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

let created = 0;

/** A queue of its own for each test. Returns its URL. */
export async function createTestQueue(
  { sqs }: Clients,
  attributes: Record<string, string> = {},
  name = `queue-${++created}`,
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return QueueUrl;
}

/** The code and message of the error that `promise` rejects with, as the SDK tells them. */
export async function refusalOf(
  promise: Promise<unknown>,
): Promise<{ name: string; message: string; status: number }> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode: number } };
    return { name, message, status: $metadata.httpStatusCode };
  }
  throw new Error('It was not refused.');
}
