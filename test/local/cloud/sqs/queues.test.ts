import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { type CloudHarness, createTestQueue, refusalOf, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const ARN_PREFIX = 'arn:aws:sqs:us-east-1:000000000000:';

async function attributesOf(QueueUrl: string, ...AttributeNames: ('All' | 'QueueArn' | 'RedrivePolicy')[]) {
  return (await harness.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
}

test('names a queue by the address it was asked at', async () => {
  const url = await createTestQueue(harness, {}, 'addressed');
  expect(url).toBe(`http://127.0.0.1:${harness.cloud.port}/000000000000/addressed`);
  const found = await harness.sqs.send(new GetQueueUrlCommand({ QueueName: 'addressed' }));
  expect(found.QueueUrl).toBe(url);
});

test('takes a queue URL by its last segment', async () => {
  const url = await createTestQueue(harness);
  const elsewhere = `http://sqs.example/123456789012/${url.split('/').at(-1)}`;
  expect((await attributesOf(elsewhere, 'QueueArn'))?.QueueArn).toBe(ARN_PREFIX + url.split('/').at(-1));
});

test('creates again what is the same, and refuses what is not', async () => {
  const url = await createTestQueue(harness, { VisibilityTimeout: '45' }, 'again');
  expect(await createTestQueue(harness, { VisibilityTimeout: '45' }, 'again')).toBe(url);
  expect(await createTestQueue(harness, { DelaySeconds: '0' }, 'again')).toBe(url);
  expect(await createTestQueue(harness, {}, 'again')).toBe(url);
  const refusal = await refusalOf(createTestQueue(harness, { VisibilityTimeout: '46' }, 'again'));
  expect(refusal).toMatchObject({ name: 'QueueNameExists', status: 400 });
  expect(refusal.message).toContain('VisibilityTimeout');
});

test('tells all attributes, with the defaults of AWS', async () => {
  const url = await createTestQueue(harness, {}, 'described');
  expect(await attributesOf(url, 'All')).toEqual({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesDelayed: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
    DelaySeconds: '0',
    LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    QueueArn: `${ARN_PREFIX}described`,
    ReceiveMessageWaitTimeSeconds: '0',
    VisibilityTimeout: '30',
  });
});

test('tells only the attributes that were asked for', async () => {
  const url = await createTestQueue(harness, {}, 'asked');
  expect(await attributesOf(url)).toBeUndefined();
  expect(await attributesOf(url, 'QueueArn')).toEqual({ QueueArn: `${ARN_PREFIX}asked` });
});

test('changes attributes and removes a policy by setting it empty', async () => {
  await createTestQueue(harness, {}, 'letters');
  const url = await createTestQueue(harness);
  const set = (Attributes: Record<string, string>) =>
    harness.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  await set({
    VisibilityTimeout: '5',
    RedrivePolicy: `{"maxReceiveCount":"3","deadLetterTargetArn":"${ARN_PREFIX}letters"}`,
  });
  expect(await attributesOf(url, 'All')).toMatchObject({
    VisibilityTimeout: '5',
    RedrivePolicy: `{"deadLetterTargetArn":"${ARN_PREFIX}letters","maxReceiveCount":3}`,
  });
  await set({ RedrivePolicy: '' });
  expect(await attributesOf(url, 'RedrivePolicy')).toBeUndefined();
});

test.each([
  ['VisibilityTimeout', '43201', 'InvalidAttributeValue'],
  ['DelaySeconds', '901', 'InvalidAttributeValue'],
  ['DelaySeconds', '', 'InvalidAttributeValue'],
  ['MaximumMessageSize', '1023', 'InvalidAttributeValue'],
  ['MessageRetentionPeriod', '59', 'InvalidAttributeValue'],
  ['ReceiveMessageWaitTimeSeconds', '21', 'InvalidAttributeValue'],
  ['ReceiveMessageWaitTimeSeconds', '1.5', 'InvalidAttributeValue'],
  ['RedrivePolicy', 'no json', 'InvalidAttributeValue'],
  [
    'RedrivePolicy',
    '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:x","maxReceiveCount":0}',
    'InvalidAttributeValue',
  ],
  [
    'RedrivePolicy',
    '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:x","maxReceiveCount":1}',
    'InvalidParameterValue',
  ],
  ['RedriveAllowPolicy', '{"redrivePermission":"some"}', 'InvalidAttributeValue'],
  ['FifoQueue', 'false', 'InvalidAttributeName'],
  ['Colour', 'blue', 'InvalidAttributeName'],
  ['constructor', '1', 'InvalidAttributeName'],
])('refuses %s = %j', async (name, value, code) => {
  const refusal = await refusalOf(createTestQueue(harness, { [name]: value }, 'never'));
  expect(refusal).toMatchObject({ name: code, status: 400 });
});

test('refuses a dead-letter queue that does not allow it', async () => {
  const RedriveAllowPolicy = `{"redrivePermission":"byQueue","sourceQueueArns":["${ARN_PREFIX}welcome"]}`;
  await createTestQueue(harness, { RedriveAllowPolicy }, 'choosy');
  const RedrivePolicy = `{"deadLetterTargetArn":"${ARN_PREFIX}choosy","maxReceiveCount":1}`;
  await createTestQueue(harness, { RedrivePolicy }, 'welcome');
  const refusal = await refusalOf(createTestQueue(harness, { RedrivePolicy }, 'stranger'));
  expect(refusal.message).toContain('RedriveAllowPolicy');
});

test('lists queues by prefix, in pages', async () => {
  for (const name of ['list-a', 'list-b', 'list-c']) await createTestQueue(harness, {}, name);
  const list = (NextToken?: string) =>
    harness.sqs.send(
      new ListQueuesCommand({
        QueueNamePrefix: 'list-',
        MaxResults: 2,
        ...(NextToken !== undefined && { NextToken }),
      }),
    );
  const first = await list();
  const second = await list(first.NextToken);
  const names = [...(first.QueueUrls ?? []), ...(second.QueueUrls ?? [])].map((url) => url.split('/').at(-1));
  expect(names).toEqual(['list-a', 'list-b', 'list-c']);
  expect(second.NextToken).toBeUndefined();
});

test('deletes a queue, and a new one of the same name is empty', async () => {
  const url = await createTestQueue(harness, {}, 'reborn');
  await harness.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'old' }));
  await harness.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  expect(await refusalOf(harness.sqs.send(new GetQueueUrlCommand({ QueueName: 'reborn' })))).toMatchObject({
    name: 'QueueDoesNotExist',
    status: 400,
  });
  await createTestQueue(harness, {}, 'reborn');
  const { Messages } = await harness.sqs.send(new ReceiveMessageCommand({ QueueUrl: url }));
  expect(Messages).toBeUndefined();
});

test('purges a queue, for good', async () => {
  const url = await createTestQueue(harness);
  await harness.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'a' }));
  await harness.sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  await harness.restart();
  const { Attributes } = await harness.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  expect(Attributes).toEqual({ ApproximateNumberOfMessages: '0' });
});

test('refuses FIFO queues and impossible names', async () => {
  const create = (QueueName: string, Attributes = {}) =>
    refusalOf(harness.sqs.send(new CreateQueueCommand({ QueueName, Attributes })));
  expect(await create('a.fifo', { FifoQueue: 'true' })).toMatchObject({
    name: 'UnsupportedOperation',
    message: expect.stringContaining('FIFO'),
  });
  expect(await create('a b')).toMatchObject({ name: 'InvalidParameterValue' });
  expect(await create('a'.repeat(81))).toMatchObject({ name: 'InvalidParameterValue' });
});

test('says so when it does not support an action', async () => {
  const QueueUrl = await createTestQueue(harness);
  const permit = new AddPermissionCommand({ QueueUrl, Label: 'a', AWSAccountIds: ['1'], Actions: ['*'] });
  expect(await refusalOf(harness.sqs.send(permit))).toMatchObject({
    name: 'UnsupportedOperation',
    status: 400,
  });
});

test('keeps tags over a restart', async () => {
  const { QueueUrl: url } = await harness.sqs.send(
    new CreateQueueCommand({ QueueName: 'tagged', tags: { a: '1', b: '2' } }),
  );
  await harness.sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: { b: '3', c: '4' } }));
  await harness.sqs.send(new UntagQueueCommand({ QueueUrl: url, TagKeys: ['a', 'z'] }));
  await harness.restart();
  const list = () => harness.sqs.send(new ListQueueTagsCommand({ QueueUrl: url }));
  expect((await list()).Tags).toEqual({ b: '3', c: '4' });
  await harness.sqs.send(new UntagQueueCommand({ QueueUrl: url, TagKeys: ['b', 'c'] }));
  expect((await list()).Tags).toBeUndefined();
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag-${index}`, '']));
  const tooMany = harness.sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: many }));
  expect(await refusalOf(tooMany)).toMatchObject({ name: 'InvalidParameterValue' });
});

test('lists the queues that send their dead letters to a queue, in pages', async () => {
  const url = await createTestQueue(harness, {}, 'graveyard');
  const RedrivePolicy = `{"deadLetterTargetArn":"${ARN_PREFIX}graveyard","maxReceiveCount":2}`;
  for (const name of ['source-b', 'source-a', 'source-c'])
    await createTestQueue(harness, { RedrivePolicy }, name);
  const list = (page: { MaxResults?: number; NextToken?: string }) =>
    harness.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url, ...page }));
  const namesOf = (urls: string[] = []) => urls.map((queueUrl) => queueUrl.split('/').at(-1));
  expect(namesOf((await list({})).queueUrls)).toEqual(['source-a', 'source-b', 'source-c']);
  const { queueUrls, NextToken = '' } = await list({ MaxResults: 2 });
  expect(namesOf(queueUrls)).toEqual(['source-a', 'source-b']);
  expect(namesOf((await list({ MaxResults: 2, NextToken })).queueUrls)).toEqual(['source-c']);
  expect((await list({ NextToken: Buffer.from('source-c').toString('base64url') })).queueUrls).toEqual([]);
});

test('sends the code of the older protocol along', async () => {
  const response = await fetch(harness.cloud.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.GetQueueUrl', 'content-type': 'application/x-amz-json-1.0' },
    body: '{"QueueName":"nowhere"}',
  });
  expect(response.status).toBe(400);
  expect(response.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  expect(await response.json()).toEqual({
    __type: 'com.amazonaws.sqs#QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  });
});
