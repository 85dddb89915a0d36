import {
  CancelMessageMoveTaskCommand,
  DeleteQueueCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { type CloudHarness, createTestQueue, refusalOf, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

let created = 0;

/** Two queues whose messages go to the third after one receive. */
async function createRedrive() {
  const suffix = ++created;
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}-${suffix}`;
  const dead = await createTestQueue(harness, {}, `dead-${suffix}`);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 });
  const first = await createTestQueue(harness, { RedrivePolicy }, `first-${suffix}`);
  const second = await createTestQueue(harness, { RedrivePolicy }, `second-${suffix}`);
  return { dead, first, second, deadArn: arn('dead'), firstArn: arn('first') };
}

async function receive(QueueUrl: string, VisibilityTimeout = 30, WaitTimeSeconds = 0): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    VisibilityTimeout,
    WaitTimeSeconds,
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All'],
  });
  return (await harness.sqs.send(command)).Messages ?? [];
}

async function bury(QueueUrl: string, ...bodies: string[]): Promise<Message[]> {
  const Entries = bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody, MessageGroupId: 'g' }));
  await harness.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const received = await receive(QueueUrl, 0);
  expect(await receive(QueueUrl)).toEqual([]);
  return received;
}

const start = (
  SourceArn: string,
  more: { DestinationArn?: string; MaxNumberOfMessagesPerSecond?: number } = {},
) => harness.sqs.send(new StartMessageMoveTaskCommand({ SourceArn, ...more }));

async function list(SourceArn: string, MaxResults = 10): Promise<ListMessageMoveTasksResultEntry[]> {
  return (await harness.sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults }))).Results ?? [];
}

async function ended(SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  for (;;) {
    const [task] = await list(SourceArn, 1);
    if (task?.Status !== 'RUNNING') return task;
  }
}

test('takes messages back to the queues they came from, where they are new', async () => {
  const { dead, first, second, deadArn } = await createRedrive();
  const [before] = await bury(first, 'a');
  await bury(second, 'b', 'c');
  const { TaskHandle } = await start(deadArn);
  expect(TaskHandle).toMatch(/./);
  expect(await ended(deadArn)).toEqual({
    Status: 'COMPLETED',
    SourceArn: deadArn,
    ApproximateNumberOfMessagesMoved: 3,
    ApproximateNumberOfMessagesToMove: 3,
    StartedTimestamp: expect.any(Number),
  });
  expect(await receive(dead)).toEqual([]);
  const [a] = await receive(first);
  expect(a).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'g' } });
  expect(a?.Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
  expect(a?.MessageId).not.toBe(before?.MessageId);
  expect((await receive(second)).map(({ Body }) => Body)).toEqual(['b', 'c']);
});

test('takes messages where it is told, and remembers it after a restart', async () => {
  const { first, second, deadArn, firstArn } = await createRedrive();
  await bury(second, 'a', 'b');
  await start(deadArn, { DestinationArn: firstArn, MaxNumberOfMessagesPerSecond: 500 });
  const task = await ended(deadArn);
  expect(task).toMatchObject({
    Status: 'COMPLETED',
    DestinationArn: firstArn,
    MaxNumberOfMessagesPerSecond: 500,
  });
  await harness.restart();
  expect(await list(deadArn)).toEqual([task]);
  expect((await receive(first)).map(({ Body }) => Body)).toEqual(['a', 'b']);
});

test('goes on after a restart, and can be cancelled', async () => {
  const { dead, first, deadArn } = await createRedrive();
  await bury(first, 'a', 'b', 'c', 'd', 'e');
  const { TaskHandle } = await start(deadArn, { MaxNumberOfMessagesPerSecond: 1 });
  expect((await receive(first, 30, 20)).map(({ Body }) => Body)).toEqual(['a']);
  await harness.restart();
  // The first of the new run comes at once, the second after a second.
  expect((await receive(first, 30, 20)).map(({ Body }) => Body)).toContain('b');
  const cancelled = await harness.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  expect(cancelled.ApproximateNumberOfMessagesMoved).toBeGreaterThanOrEqual(2);
  expect(await list(deadArn)).toMatchObject([{ Status: 'CANCELLED', ApproximateNumberOfMessagesToMove: 5 }]);
  const again = await refusalOf(harness.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle })));
  expect(again).toMatchObject({ name: 'ResourceNotFoundException', status: 400 });
  expect(await receive(dead)).not.toEqual([]);
});

test('runs one task per queue at a time, and lists the newest first', async () => {
  const { first, deadArn } = await createRedrive();
  await bury(first, 'a', 'b');
  const { TaskHandle } = await start(deadArn, { MaxNumberOfMessagesPerSecond: 1 });
  expect(await refusalOf(start(deadArn))).toMatchObject({
    name: 'InvalidParameterValue',
    message: expect.stringContaining('already a task running'),
  });
  await harness.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  await start(deadArn);
  await ended(deadArn);
  expect((await list(deadArn)).map(({ Status }) => Status)).toEqual(['COMPLETED', 'CANCELLED']);
});

test('stops at a message that it can take nowhere, and leaves it where it is', async () => {
  const { dead, first, second, deadArn } = await createRedrive();
  await bury(first, 'a');
  await harness.sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: 'from nowhere' }));
  await start(deadArn);
  expect(await ended(deadArn)).toMatchObject({
    Status: 'FAILED',
    FailureReason: 'CouldNotDetermineMessageSource',
    ApproximateNumberOfMessagesMoved: 1,
  });
  const [stayed] = await receive(dead, 0);
  expect(stayed?.Body).toBe('from nowhere');

  await bury(second, 'b');
  await harness.sqs.send(new DeleteQueueCommand({ QueueUrl: second }));
  await start(deadArn, { DestinationArn: `${deadArn.replace('dead', 'first')}` });
  expect(await ended(deadArn)).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2 });
});

test('refuses what is no dead-letter queue, or not there, or too fast', async () => {
  const { deadArn, firstArn } = await createRedrive();
  expect(await refusalOf(start(firstArn))).toMatchObject({
    name: 'InvalidParameterValue',
    message: expect.stringContaining('Source queue must be configured as a Dead Letter Queue.'),
  });
  expect(await refusalOf(start(`${deadArn}-not`))).toMatchObject({ name: 'ResourceNotFoundException' });
  expect(await refusalOf(start(deadArn, { DestinationArn: `${deadArn}-not` }))).toMatchObject({
    name: 'ResourceNotFoundException',
  });
  for (const MaxNumberOfMessagesPerSecond of [0, 501]) {
    expect(await refusalOf(start(deadArn, { MaxNumberOfMessagesPerSecond }))).toMatchObject({
      name: 'InvalidParameterValue',
    });
  }
});
