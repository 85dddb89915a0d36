import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { type CloudHarness, createTestQueue, refusalOf, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const send = (QueueUrl: string, MessageBody: string, more = {}) =>
  harness.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));

async function receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const input = { QueueUrl, MaxNumberOfMessages: 10, ...more };
  return (await harness.sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

const remove = (QueueUrl: string, ReceiptHandle: string | undefined) =>
  harness.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

const changeVisibility = (QueueUrl: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
  harness.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));

async function countsOf(QueueUrl: string): Promise<number[]> {
  const AttributeNames = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
  const { Attributes = {} } = await harness.sqs.send(command);
  return AttributeNames.map((name) => Number(Attributes[name]));
}

test('carries every character that SQS allows, verified by the SDK', async () => {
  const url = await createTestQueue(harness);
  const body = 'emoji 😀👩‍👩‍👧 𝒳 日本 \t\r\n "quoted" \\ <xml/> \u{10FFFF}';
  await send(url, body);
  expect((await receive(url))[0]?.Body).toBe(body);
});

test('refuses characters that SQS refuses', async () => {
  const url = await createTestQueue(harness);
  expect(await refusalOf(send(url, 'a\u0000b'))).toMatchObject({
    name: 'InvalidMessageContents',
    status: 400,
  });
  expect(await refusalOf(send(url, 'a\uD83D'))).toMatchObject({
    name: 'InvalidMessageContents',
    status: 400,
  });
  expect(await countsOf(url)).toEqual([0, 0, 0]);
});

test('takes a message of exactly 1 MiB and refuses one byte more', async () => {
  const url = await createTestQueue(harness);
  await send(url, 'x'.repeat(1_048_576));
  expect((await receive(url))[0]?.Body).toHaveLength(1_048_576);
  expect(await refusalOf(send(url, 'x'.repeat(1_048_577)))).toMatchObject({
    name: 'InvalidParameterValue',
    message: expect.stringContaining('1048576'),
  });
});

test('keeps to the MaximumMessageSize of the queue', async () => {
  const url = await createTestQueue(harness, { MaximumMessageSize: '1024' });
  await send(url, 'x'.repeat(1_024));
  expect((await refusalOf(send(url, 'x'.repeat(1_025)))).name).toBe('InvalidParameterValue');
});

test('gives attributes only when asked for', async () => {
  const url = await createTestQueue(harness);
  const MessageAttributes = {
    kind: { DataType: 'String', StringValue: 'a' },
    raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
  };
  const sent = await send(url, 'a', { MessageAttributes, MessageGroupId: 'tenant-1' });
  expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/);

  const [plain] = await receive(url, { VisibilityTimeout: 0 });
  expect(Object.keys(plain ?? {}).sort()).toEqual(['Body', 'MD5OfBody', 'MessageId', 'ReceiptHandle']);

  const [full] = await receive(url, {
    VisibilityTimeout: 0,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  });
  expect(full?.MessageAttributes).toEqual(MessageAttributes);
  expect(full?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
  expect(full?.Attributes).toEqual({
    ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
    ApproximateReceiveCount: '2',
    MessageGroupId: 'tenant-1',
    SenderId: '000000000000',
    SentTimestamp: expect.stringMatching(/^\d{13}$/),
  });

  const [some] = await receive(url, {
    MessageSystemAttributeNames: ['MessageGroupId', 'SentTimestamp'],
    MessageAttributeNames: ['kind'],
  });
  expect(Object.keys(some?.Attributes ?? {}).sort()).toEqual(['MessageGroupId', 'SentTimestamp']);
  expect(Object.keys(some?.MessageAttributes ?? {})).toEqual(['kind']);
});

test('carries the X-Ray trace header', async () => {
  const url = await createTestQueue(harness);
  const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=1-2-3' };
  await send(url, 'a', { MessageSystemAttributes: { AWSTraceHeader } });
  const [message] = await receive(url, { MessageSystemAttributeNames: ['AWSTraceHeader'] });
  expect(message?.Attributes).toEqual({ AWSTraceHeader: 'Root=1-2-3' });
});

test('counts right as messages move, and right after a visibility timeout', async () => {
  const url = await createTestQueue(harness);
  await send(url, 'a');
  await send(url, 'b', { DelaySeconds: 900 });
  expect(await countsOf(url)).toEqual([1, 0, 1]);
  const [message] = await receive(url, { VisibilityTimeout: 1 });
  expect(await countsOf(url)).toEqual([0, 1, 1]);
  const [again] = await receive(url, { WaitTimeSeconds: 5, VisibilityTimeout: 0 });
  expect(again?.MessageId).toBe(message?.MessageId);
  expect(await countsOf(url)).toEqual([1, 0, 1]);
});

test("keeps to the queue's own delay, unless the message says otherwise", async () => {
  const url = await createTestQueue(harness, { DelaySeconds: '900' });
  await send(url, 'later');
  await send(url, 'now', { DelaySeconds: 0 });
  expect((await receive(url)).map(({ Body }) => Body)).toEqual(['now']);
});

test('deletes a message for good, and again without complaint', async () => {
  const url = await createTestQueue(harness);
  await send(url, 'a');
  const [message] = await receive(url);
  await remove(url, message?.ReceiptHandle);
  await remove(url, message?.ReceiptHandle);
  expect(await countsOf(url)).toEqual([0, 0, 0]);
});

test('deletes with the latest handle after its visibility timeout, too', async () => {
  const url = await createTestQueue(harness);
  await send(url, 'a');
  const [message] = await receive(url, { VisibilityTimeout: 0 });
  await remove(url, message?.ReceiptHandle);
  expect(await countsOf(url)).toEqual([0, 0, 0]);
});

test('an earlier handle neither deletes nor moves what has been received again', async () => {
  const url = await createTestQueue(harness);
  await send(url, 'a');
  const [first] = await receive(url, { VisibilityTimeout: 0 });
  const [second] = await receive(url);
  await remove(url, first?.ReceiptHandle);
  expect(await refusalOf(changeVisibility(url, first?.ReceiptHandle, 0))).toMatchObject({
    name: 'InvalidParameterValue',
  });
  expect(await countsOf(url)).toEqual([0, 1, 0]);
  await remove(url, second?.ReceiptHandle);
  expect(await countsOf(url)).toEqual([0, 0, 0]);
});

test('refuses a handle that is none, or of another queue', async () => {
  const url = await createTestQueue(harness);
  const other = await createTestQueue(harness);
  await send(other, 'a');
  const [message] = await receive(other);
  for (const handle of ['nonsense', message?.ReceiptHandle]) {
    expect((await refusalOf(remove(url, handle))).name).toBe('ReceiptHandleIsInvalid');
    expect((await refusalOf(changeVisibility(url, handle, 0))).name).toBe('ReceiptHandleIsInvalid');
  }
});

test('changes visibility only of messages in flight', async () => {
  const url = await createTestQueue(harness);
  await send(url, 'a');
  const [message] = await receive(url);
  await changeVisibility(url, message?.ReceiptHandle, 0);
  expect(await countsOf(url)).toEqual([1, 0, 0]);
  expect((await refusalOf(changeVisibility(url, message?.ReceiptHandle, 5))).name).toBe('MessageNotInflight');
  await remove(url, message?.ReceiptHandle);
  expect((await refusalOf(changeVisibility(url, message?.ReceiptHandle, 5))).name).toBe(
    'InvalidParameterValue',
  );
});

test('moves a message to the dead-letter queue when its receives are used up', async () => {
  const letters = await createTestQueue(harness, {}, 'letters');
  const url = await createTestQueue(
    harness,
    {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:letters',
        maxReceiveCount: 2,
      }),
    },
    'failing',
  );
  const { MessageId } = await send(url, 'poison 😀', {
    MessageGroupId: 'tenant-1',
    MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
  });
  expect(await receive(url, { VisibilityTimeout: 0 })).toHaveLength(1);
  expect(await receive(url, { VisibilityTimeout: 0 })).toHaveLength(1);
  const waiting = receive(letters, {
    WaitTimeSeconds: 20,
    VisibilityTimeout: 0,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  expect(await receive(url)).toEqual([]);
  const [letter] = await waiting;
  expect(letter).toMatchObject({
    MessageId,
    Body: 'poison 😀',
    Attributes: {
      DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:failing',
      MessageGroupId: 'tenant-1',
    },
    MessageAttributes: { a: { StringValue: 'b' } },
  });
  await harness.restart();
  expect(await countsOf(letters)).toEqual([1, 0, 0]);
  expect(await countsOf(url)).toEqual([0, 0, 0]);
});

test('a restart keeps everything, and shows at once what was in flight', async () => {
  const url = await createTestQueue(harness, { VisibilityTimeout: '600' });
  const attribute = { a: { DataType: 'String', StringValue: 'b 😀' } };
  await send(url, 'in flight 😀', { MessageAttributes: attribute, MessageGroupId: 'g' });
  await send(url, 'delayed', { DelaySeconds: 900 });
  const [held] = await receive(url);
  await harness.restart();
  expect(await countsOf(url)).toEqual([1, 0, 1]);
  const [again] = await receive(url, {
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  expect(again).toMatchObject({
    MessageId: held?.MessageId,
    Body: 'in flight 😀',
    Attributes: { ApproximateReceiveCount: '2', MessageGroupId: 'g' },
    MessageAttributes: attribute,
  });
});

test.each([
  ['MaxNumberOfMessages', 0],
  ['MaxNumberOfMessages', 11],
  ['WaitTimeSeconds', 21],
  ['VisibilityTimeout', 43_201],
])('refuses to receive with %s = %d', async (name, value) => {
  const url = await createTestQueue(harness);
  const refusal = await refusalOf(receive(url, { [name]: value }));
  expect(refusal).toMatchObject({ name: 'InvalidParameterValue' });
  expect(refusal.message).toContain(`Value ${value} for parameter ${name}`);
});

test.each([
  ['MessageDeduplicationId', 'x'],
  ['DelaySeconds', 901],
  ['MessageGroupId', 'with blank'],
  ['MessageGroupId', 'x'.repeat(129)],
])('refuses to send with %s = %j', async (name, value) => {
  const url = await createTestQueue(harness);
  expect((await refusalOf(send(url, 'a', { [name]: value }))).name).toBe('InvalidParameterValue');
});
