import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { type CloudHarness, createTestQueue, refusalOf, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
let url: string;
beforeAll(async () => {
  harness = await startHarness();
});
beforeEach(async () => {
  url = await createTestQueue(harness);
});
afterAll(() => harness.stop());

const sendAll = (Entries: SendMessageBatchRequestEntry[]) =>
  harness.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));

const entries = (count: number, MessageBody = 'a') =>
  Array.from({ length: count }, (_, index) => ({ Id: `id-${index}`, MessageBody }));

async function receiveHandles(): Promise<(string | undefined)[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 });
  return ((await harness.sqs.send(command)).Messages ?? []).map(({ ReceiptHandle }) => ReceiptHandle);
}

async function waiting(): Promise<string | undefined> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  return (await harness.sqs.send(command)).Attributes?.ApproximateNumberOfMessages;
}

test('sends ten, each with its own id and digest', async () => {
  const { Successful = [], Failed } = await sendAll(entries(10, 'a 😀'));
  expect(Successful.map(({ Id }) => Id)).toEqual(entries(10).map(({ Id }) => Id));
  expect(new Set(Successful.map(({ MessageId }) => MessageId)).size).toBe(10);
  for (const { MessageId } of Successful)
    expect(MessageId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(Failed).toBeUndefined();
  expect(await receiveHandles()).toHaveLength(10);
});

test.each([
  ['no entries', [], 'EmptyBatchRequest'],
  ['eleven entries', entries(11), 'TooManyEntriesInBatchRequest'],
  ['an id twice', [...entries(1), ...entries(1)], 'BatchEntryIdsNotDistinct'],
  ['an id with a blank', [{ Id: 'a b', MessageBody: 'a' }], 'InvalidBatchEntryId'],
  ['an id of 81 characters', [{ Id: 'a'.repeat(81), MessageBody: 'a' }], 'InvalidBatchEntryId'],
])('refuses %s, and sends nothing', async (_what, batch, code) => {
  expect(await refusalOf(sendAll(batch))).toMatchObject({ name: code, status: 400 });
  expect(await waiting()).toBe('0');
});

test('takes 1 MiB in all, and refuses one byte more', async () => {
  const almost = entries(8, 'x'.repeat(131_072));
  expect((await sendAll(almost)).Successful).toHaveLength(8);
  const refusal = await refusalOf(sendAll([...almost, { Id: 'last', MessageBody: 'x' }]));
  expect(refusal).toMatchObject({ name: 'BatchRequestTooLong' });
  expect(refusal.message).toContain('1048577');
  expect(await waiting()).toBe('8');
});

test('refuses a batch that one entry alone makes too long', async () => {
  expect((await refusalOf(sendAll(entries(1, 'x'.repeat(1_048_577))))).name).toBe('BatchRequestTooLong');
});

test('counts attributes into the size of a batch', async () => {
  const MessageAttributes = { a: { DataType: 'String', StringValue: 'x' } };
  const batch = [{ Id: 'a', MessageBody: 'x'.repeat(1_048_576 - 8), MessageAttributes }];
  expect((await sendAll(batch)).Successful).toHaveLength(1);
  const refusal = await refusalOf(sendAll([...batch, { Id: 'b', MessageBody: 'x' }]));
  expect(refusal.name).toBe('BatchRequestTooLong');
});

test('fails the bad entry alone', async () => {
  const { Successful, Failed } = await sendAll([
    { Id: 'good', MessageBody: 'a' },
    { Id: 'characters', MessageBody: '\u0001' },
    { Id: 'delay', MessageBody: 'a', DelaySeconds: 901 },
  ]);
  expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
  expect(Failed).toMatchObject([
    { Id: 'characters', SenderFault: true, Code: 'InvalidMessageContents' },
    { Id: 'delay', SenderFault: true, Code: 'InvalidParameterValue' },
  ]);
  expect(await waiting()).toBe('1');
});

test("fails the entry that is larger than the queue's MaximumMessageSize", async () => {
  url = await createTestQueue(harness, { MaximumMessageSize: '1024' });
  const { Successful, Failed } = await sendAll([
    { Id: 'good', MessageBody: 'a' },
    { Id: 'large', MessageBody: 'x'.repeat(1_025) },
  ]);
  expect(Successful).toHaveLength(1);
  expect(Failed).toMatchObject([{ Id: 'large', Code: 'InvalidParameterValue' }]);
});

test('deletes what it can and reports a bad handle', async () => {
  await sendAll(entries(2));
  const handles = await receiveHandles();
  const Entries = [...handles, 'nonsense'].map((ReceiptHandle, index) => ({ Id: `${index}`, ReceiptHandle }));
  const { Successful, Failed } = await harness.sqs.send(
    new DeleteMessageBatchCommand({ QueueUrl: url, Entries }),
  );
  expect(Successful).toEqual([{ Id: '0' }, { Id: '1' }]);
  expect(Failed).toMatchObject([{ Id: '2', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }]);
});

test('changes visibility of what it can and reports the rest', async () => {
  await sendAll(entries(2));
  const [first, second] = await receiveHandles();
  const Entries = [
    { Id: 'good', ReceiptHandle: first, VisibilityTimeout: 0 },
    { Id: 'handle', ReceiptHandle: 'nonsense', VisibilityTimeout: 0 },
    { Id: 'range', ReceiptHandle: second, VisibilityTimeout: 43_201 },
    { Id: 'nothing', ReceiptHandle: second },
  ];
  const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
  const { Successful, Failed } = await harness.sqs.send(command);
  expect(Successful).toEqual([{ Id: 'good' }]);
  expect(Failed?.map(({ Id, Code }) => [Id, Code])).toEqual([
    ['handle', 'ReceiptHandleIsInvalid'],
    ['range', 'InvalidParameterValue'],
    ['nothing', 'MissingParameter'],
  ]);
  expect(await waiting()).toBe('1');
});

test('refuses an empty batch of any kind', async () => {
  const input = { QueueUrl: url, Entries: [] };
  expect((await refusalOf(harness.sqs.send(new DeleteMessageBatchCommand(input)))).name).toBe(
    'EmptyBatchRequest',
  );
  expect((await refusalOf(harness.sqs.send(new ChangeMessageVisibilityBatchCommand(input)))).name).toBe(
    'EmptyBatchRequest',
  );
});
