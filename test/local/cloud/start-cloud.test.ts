import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateTableCommand, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { startCloud } from '../../../local/cloud/start-cloud.ts';
import {
  type CloudHarness,
  createClients,
  createTestQueue,
  refusalOf,
  startHarness,
} from './cloud-harness.ts';

let harness: CloudHarness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.stop());

const KEY_SCHEMA = {
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' as const }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
};

test('serves DynamoDB behind the same port, and keeps it over a restart', async () => {
  const TableName = 'requests';
  await harness.dynamoDb.send(new CreateTableCommand({ TableName, ...KEY_SCHEMA }));
  const Item = { id: { S: 'a' }, text: { S: '😀' } };
  await harness.dynamoDb.send(new PutItemCommand({ TableName, Item }));
  const again = new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(id)' });
  expect((await refusalOf(harness.dynamoDb.send(again))).name).toBe('ConditionalCheckFailedException');
  await harness.restart();
  const found = await harness.dynamoDb.send(new GetItemCommand({ TableName, Key: { id: { S: 'a' } } }));
  expect(found.Item).toEqual(Item);
});

test('puts region and account into the names of queues and tables', async () => {
  const dataDir = join(harness.dataDir, 'other');
  const other = await startCloud({ dataDir, port: 0, region: 'eu-west-1', accountId: '123456789012' });
  const { sqs, dynamoDb, destroy } = createClients(other.endpoint);
  try {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    expect(QueueUrl).toBe(`${other.endpoint}/123456789012/q`);
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    expect((await sqs.send(asked)).Attributes).toEqual({ QueueArn: 'arn:aws:sqs:eu-west-1:123456789012:q' });
    const created = await dynamoDb.send(new CreateTableCommand({ TableName: 'requests', ...KEY_SCHEMA }));
    expect(created.TableDescription?.TableArn).toBe('arn:aws:dynamodb:eu-west-1:123456789012:table/requests');
  } finally {
    destroy();
    await other.close();
  }
});

test('rejects with the error of the system when the port is taken, and leaves nothing open', async () => {
  const dataDir = join(harness.dataDir, 'second');
  const options = { dataDir, port: harness.cloud.port, region: 'us-east-1' };
  await expect(startCloud(options)).rejects.toMatchObject({ code: 'EADDRINUSE', port: harness.cloud.port });
  const second = await startCloud({ ...options, port: 0 });
  await second.close();
});

test('does not open data that another cloud has open', async () => {
  const options = { dataDir: harness.dataDir, port: 0, region: 'us-east-1' };
  await expect(startCloud(options)).rejects.toMatchObject({ code: 'LEVEL_DATABASE_NOT_OPEN' });
  await createTestQueue(harness);
});

test('ends long polls when it closes', async () => {
  const url = await createTestQueue(harness);
  const polls = Array.from({ length: 3 }, () =>
    harness.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 })),
  );
  await createTestQueue(harness);
  await harness.cloud.close();
  const answers = await Promise.all(polls);
  expect(answers.map(({ Messages }) => Messages)).toEqual([undefined, undefined, undefined]);
});

test('closes twice without complaint', async () => {
  await harness.cloud.close();
  await harness.cloud.close();
});

test('survives a client that leaves in the middle of a request', async () => {
  for (const target of ['AmazonSQS.SendMessage', 'DynamoDB_20120810.PutItem', undefined]) {
    const abort = new AbortController();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('{"half":')),
    });
    const request = fetch(`${harness.cloud.endpoint}/bucket/key`, {
      method: target === undefined ? 'PUT' : 'POST',
      headers: target === undefined ? {} : { 'x-amz-target': target },
      body,
      duplex: 'half',
      signal: abort.signal,
    });
    await createTestQueue(harness);
    abort.abort();
    await request.catch(() => {});
  }
  await createTestQueue(harness);
});

test.each([
  ['AmazonSQS.MakeCoffee', 'com.amazonaws.sqs#UnsupportedOperation'],
  ['Kinesis_20131202.ListStreams', 'com.amazon.coral.service#UnknownOperationException'],
  ['DynamoDBStreams_20120810.ListStreams', 'com.amazon.coral.service#UnknownOperationException'],
])('answers %s with %s', async (target, type) => {
  const response = await fetch(harness.cloud.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ __type: type });
});

test.each(['', '/000000000000/some-queue'])(
  'answers a form posted to "%s" with InvalidAction',
  async (path) => {
    const response = await fetch(harness.cloud.endpoint + path, {
      method: 'POST',
      body: new URLSearchParams({ Action: 'Publish<', Version: '2010-03-31' }),
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain('<Code>InvalidAction</Code>');
    expect(text).toContain('&quot;Publish&lt;&quot;');
  },
);

test('refuses a body that is no JSON', async () => {
  const response = await fetch(harness.cloud.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.ListQueues' },
    body: '{',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ __type: 'com.amazonaws.sqs#SerializationException' });
});

test('clears away bodies of objects that were never finished', async () => {
  await harness.s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await harness.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a', Body: 'first' }));
  await harness.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a', Body: 'second' }));
  const objects = join(harness.dataDir, 'objects');
  expect(await readdir(objects)).toHaveLength(1);
  const orphan = '0c3f1f0e-2f4e-4b3a-9d3a-0a1b2c3d4e5f';
  await writeFile(join(objects, orphan), 'left by a killed process');
  await writeFile(join(objects, 'notes.txt'), 'of somebody else');
  await harness.restart();
  const after = await readdir(objects);
  expect(after).not.toContain(orphan);
  expect(after).toContain('notes.txt');
  expect(after).toHaveLength(2);
});

test('keeps no port and no address on disk', async () => {
  await harness.dynamoDb.send(new CreateTableCommand({ TableName: 'requests', ...KEY_SCHEMA }));
  const before = await createTestQueue(harness, {}, 'moving');
  await harness.restart();
  const after = await createTestQueue(harness, {}, 'moving');
  expect(after).not.toBe(before);
  expect(after).toBe(`${harness.cloud.endpoint}/000000000000/moving`);
  expect((await harness.dynamoDb.send(new ScanCommand({ TableName: 'requests' }))).Count).toBe(0);
});
