import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Clients, createClients, createTestQueue } from './cloud-harness.ts';

const Bucket = 'kept';
const TableName = 'kept';
let dataDir: string;
let child: ChildProcess;
let clients: Clients;

async function start(): Promise<void> {
  const script = join(__dirname, 'cloud-process.ts');
  child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('The cloud has no output.');
  const [endpoint] = await once(child.stdout, 'data');
  clients = createClients(String(endpoint).trim());
}

async function kill(): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  clients.destroy();
}

/** Runs until the cloud is gone; `done` sees only what was acknowledged. */
async function repeatUntilKilled(work: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; ; round++) {
    try {
      await work(round);
    } catch {
      return;
    }
  }
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'cloud-kill-'));
  await start();
}, 30_000);
afterAll(async () => {
  await kill();
  await rm(dataDir, { recursive: true, force: true });
});

test('after kill -9 in full work, every acknowledged message is there, or its acknowledged deletion', async () => {
  const url = await createTestQueue(clients, {}, 'work');
  await clients.s3.send(new CreateBucketCommand({ Bucket }));
  await createTable();
  const sent = new Set<string>();
  const held = new Set<string>();
  const deleting = new Set<string>();
  const deleted = new Set<string>();
  const stored = new Set<string>();
  const items = new Set<string>();

  const senders = Array.from({ length: 4 }, (_, sender) =>
    repeatUntilKilled(async (round) => {
      const bodies = Array.from({ length: 10 }, (_, index) => `${sender}-${round}-${index} 😀`);
      const Entries = bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
      await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
      for (const body of bodies) sent.add(body);
      if (sent.size > 2_000) child.kill('SIGKILL');
    }),
  );
  const receiver = repeatUntilKilled(async (round) => {
    const messages = await receiveTen(clients.sqs, url);
    const isToHold = messages.length === 0 || round % 3 === 0;
    for (const { body } of messages) (isToHold ? held : deleting).add(body);
    if (isToHold) return;
    await deleteAll(clients.sqs, url, messages);
    for (const { body } of messages) deleted.add(body);
  });
  const writer = repeatUntilKilled(async (round) => {
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: `object-${round}`, Body: `body ${round}` }));
    stored.add(`object-${round}`);
  });
  const recorder = repeatUntilKilled(async (round) => {
    await clients.dynamoDb.send(new PutItemCommand({ TableName, Item: { id: { S: `item-${round}` } } }));
    items.add(`item-${round}`);
  });
  await Promise.all([...senders, receiver, writer, recorder]);
  clients.destroy();
  await start();

  const again = new Map<string, number>();
  for (
    let batch = await receiveTen(clients.sqs, url);
    batch.length > 0;
    batch = await receiveTen(clients.sqs, url)
  ) {
    for (const { body, receiveCount } of batch) {
      expect(again.has(body)).toBe(false);
      again.set(body, receiveCount);
    }
    await deleteAll(clients.sqs, url, batch);
  }
  // A deletion that was asked for and not acknowledged may have happened or not.
  expect([...sent].filter((body) => !deleting.has(body) && !again.has(body))).toEqual([]);
  expect([...deleted].filter((body) => again.has(body))).toEqual([]);
  expect(held.size).toBeGreaterThan(0);
  expect([...held].filter((body) => again.get(body) !== 2)).toEqual([]);

  expect(items.size).toBeGreaterThan(0);
  for (const id of items) {
    const Item = { id: { S: id } };
    const found = await clients.dynamoDb.send(new GetItemCommand({ TableName, Key: Item }));
    expect(found.Item).toEqual(Item);
  }
  for (const Key of stored) {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(Key.replace('object-', 'body '));
  }
  const { KeyCount = 0 } = await clients.s3.send(new ListObjectsV2Command({ Bucket }));
  expect(KeyCount).toBeGreaterThanOrEqual(Math.min(stored.size, 1_000));
}, 60_000);

async function createTable(): Promise<void> {
  await clients.dynamoDb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const waiting = { client: clients.dynamoDb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.02 };
  await waitUntilTableExists(waiting, { TableName });
}

async function receiveTen(sqs: SQSClient, QueueUrl: string) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 600,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    }),
  );
  return Messages.map(({ Body = '', ReceiptHandle, Attributes }) => ({
    body: Body,
    receiptHandle: ReceiptHandle,
    receiveCount: Number(Attributes?.ApproximateReceiveCount),
  }));
}

async function deleteAll(
  sqs: SQSClient,
  QueueUrl: string,
  messages: { receiptHandle: string | undefined }[],
) {
  const Entries = messages.map(({ receiptHandle }, index) => ({
    Id: `${index}`,
    ReceiptHandle: receiptHandle,
  }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}
