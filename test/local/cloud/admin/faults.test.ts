import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { StoreFaults } from '../../../../local/cloud/faults/store-faults.ts';
import { type CloudHarness, createTestQueue, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
let queue: string;

beforeAll(async () => {
  harness = await startHarness();
  queue = await createTestQueue(harness);
  await harness.s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await harness.dynamoDb.send(
    new CreateTableCommand({
      TableName: 'table',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
afterEach(() => ask('DELETE'));
afterAll(() => harness.stop());

const ask = async (method: string, body?: unknown) => {
  const response = await fetch(`${harness.cloud.endpoint}/_cloud/faults`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const order = (service: string, fault: string, more = {}) =>
  ask('POST', { service, fault, endSeconds: 60, ...more });

const putItem = (id: string) =>
  harness.dynamoDb.send(new PutItemCommand({ TableName: 'table', Item: { id: { S: id } } }));
const getItem = async (id: string) =>
  (await harness.dynamoDb.send(new GetItemCommand({ TableName: 'table', Key: { id: { S: id } } }))).Item;
const putObject = (key: string) =>
  harness.s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: 'x'.repeat(100_000) }));
const getObject = (key: string) => harness.s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
const send = () => harness.sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'm' }));
const depth = async () => {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queue,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  return Number((await harness.sqs.send(command)).Attributes?.ApproximateNumberOfMessages);
};

test.each([
  ['throttled', 'ProvisionedThroughputExceededException', 400],
  ['unavailable', 'InternalServerError', 500],
])('DynamoDB is %s: nothing is written', async (fault, name, status) => {
  await order('dynamodb', fault, { operations: ['PutItem'] });

  await expect(putItem(fault)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
  expect(await getItem(fault)).toBeUndefined();
  await ask('DELETE');
  await putItem(fault);
  expect(await getItem(fault)).toEqual({ id: { S: fault } });
});

test.each([
  ['throttled', 'RequestThrottled', 403],
  ['unavailable', 'ServiceUnavailableException', 503],
])('SQS is %s: nothing is sent', async (fault, name, status) => {
  const before = await depth();
  await order('sqs', fault, { operations: ['SendMessage'] });

  await expect(send()).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
  expect(await depth()).toBe(before);
});

test.each([
  ['throttled', 'SlowDown', 503],
  ['unavailable', 'InternalError', 500],
])('S3 is %s: nothing is kept', async (fault, name, status) => {
  await order('s3', fault, { operations: ['PUT'] });

  await expect(putObject(fault)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
  await expect(getObject(fault)).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('an answer that is lost is that of something done', async () => {
  const before = await depth();
  await order('dynamodb', 'lost_answer', { operations: ['PutItem'] });
  await order('sqs', 'lost_answer', { operations: ['SendMessage'] });
  await order('s3', 'lost_answer', { operations: ['PUT'] });

  await expect(putItem('lost')).rejects.toThrow('socket hang up');
  await expect(send()).rejects.toThrow('socket hang up');
  await expect(putObject('lost')).rejects.toThrow('socket hang up');

  expect(await getItem('lost')).toEqual({ id: { S: 'lost' } });
  expect(await depth()).toBe(before + 1);
  expect(await (await getObject('lost')).Body?.transformToString()).toHaveLength(100_000);
});

test('a silent store does nothing, and is left by whoever is tired of waiting', async () => {
  await order('dynamodb', 'silent', { operations: ['PutItem'] });
  const command = new PutItemCommand({ TableName: 'table', Item: { id: { S: 'silent' } } });
  const abort = new AbortController();
  const outcome = harness.dynamoDb.send(command, { abortSignal: abort.signal }).catch(({ name }) => name);
  expect((await ask('GET')).body.faults).toHaveLength(1);
  abort.abort();

  expect(await outcome).toBe('AbortError');
  await ask('DELETE');
  expect(await getItem('silent')).toBeUndefined();
});

test('what it does not know is refused with all that is wrong, and changes nothing', async () => {
  expect(await ask('POST', { service: 'sns', fault: 'slow', probability: 2, seconds: 5 })).toEqual({
    status: 400,
    body: {
      problems: [
        'service must be one of dynamodb, sqs, s3.',
        'fault must be one of throttled, unavailable, lost_answer, silent.',
        'probability must be at most 1.',
        'endSeconds must be a number of seconds up to 3600.',
        'There is no field "seconds": use service, fault, probability, operations, endSeconds.',
      ],
    },
  });
  expect(await ask('POST', [])).toEqual({
    status: 400,
    body: { problems: ['The body must be a JSON object.'] },
  });
  expect((await ask('GET')).body).toEqual({ faults: [] });
});

test('they end by themselves, and meet as many calls as they are told to', () => {
  let nowMs = 0;
  const draws = [0.1, 0.5, 0.9];
  const faults = new StoreFaults(
    () => nowMs,
    () => draws.shift() ?? 1,
  );
  faults.add({ service: 'sqs', fault: 'throttled', probability: 0.6, endSeconds: 10 });
  const call = { service: 'sqs', operation: 'SendMessage' } as const;

  expect(faults.meet({ ...call, service: 's3' })).toBeUndefined();
  expect([faults.meet(call), faults.meet(call), faults.meet(call)]).toEqual([
    'throttled',
    'throttled',
    undefined,
  ]);
  draws.push(0.1);
  nowMs = 10_000;
  expect(faults.meet(call)).toBeUndefined();
  expect(faults.current).toEqual([]);
});
