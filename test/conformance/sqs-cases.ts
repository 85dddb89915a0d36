import {
  AddPermissionCommand,
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { type CaseRuns, type CloudUnderTest, casesOf, expectRefusal } from './conformance-case.ts';

const NOWHERE = 'http://127.0.0.1/000000000000/nowhere';
const bodiesOf = (messages: { Body?: string | undefined }[]) => messages.map(({ Body }) => Body).sort();

/** Uses up a message's receives, so that it goes to the dead-letter queue. */
async function bury(cloud: CloudUnderTest, url: string, body: string): Promise<void> {
  await cloud.send(url, body);
  await cloud.receive(url, { VisibilityTimeout: 0 });
  expect(await cloud.receive(url)).toEqual([]);
}

const RUNS: CaseRuns = {
  'a message comes back as it was sent, emoji and all': async (cloud) => {
    const url = await cloud.queue();
    await cloud.send(url, 'naïve 😀 "quoted" <tag>\n\ttab');
    expect(await cloud.receive(url)).toMatchObject([{ Body: 'naïve 😀 "quoted" <tag>\n\ttab' }]);
  },
  'a character that XML does not know is refused': async (cloud) => {
    const url = await cloud.queue();
    const send = new SendMessageCommand({ QueueUrl: url, MessageBody: 'a\u0000b' });
    await expectRefusal(cloud.clients.sqs.send(send), 'InvalidMessageContents');
  },
  'an empty body is refused': async (cloud) => {
    const send = new SendMessageCommand({ QueueUrl: await cloud.queue(), MessageBody: '' });
    await expect(cloud.clients.sqs.send(send)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  },
  'message attributes come only when they are asked for, with a digest that the SDK verifies': async (
    cloud,
  ) => {
    const url = await cloud.queue();
    const MessageAttributes = {
      text: { DataType: 'String', StringValue: 'é😀' },
      count: { DataType: 'Number.int', StringValue: '7' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
    };
    await cloud.clients.sqs.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: 'a', MessageAttributes }),
    );
    const [plain] = await cloud.receive(url, { VisibilityTimeout: 0 });
    expect(plain).not.toHaveProperty('MessageAttributes');
    const [full] = await cloud.receive(url, { MessageAttributeNames: ['All'] });
    expect(full?.MessageAttributes).toMatchObject(MessageAttributes);
  },
  'system attributes come only when they are asked for': async (cloud) => {
    const url = await cloud.queue();
    await cloud.send(url, 'a');
    const [plain] = await cloud.receive(url, { VisibilityTimeout: 0 });
    expect(plain).not.toHaveProperty('Attributes');
    const [counted] = await cloud.receive(url, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(counted?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
  },
  'the group of a message on a standard queue is kept and told': async (cloud) => {
    const url = await cloud.queue();
    const send = new SendMessageCommand({ QueueUrl: url, MessageBody: 'a', MessageGroupId: 'tenant' });
    await cloud.clients.sqs.send(send);
    const [message] = await cloud.receive(url, { MessageSystemAttributeNames: ['MessageGroupId'] });
    expect(message?.Attributes).toEqual({ MessageGroupId: 'tenant' });
  },
  'five wait for one message: one gets it, four keep waiting': async (cloud) => {
    const url = await cloud.queue();
    let answered = 0;
    const polls = Array.from({ length: 5 }, async () => {
      const messages = await cloud.receive(url, { WaitTimeSeconds: 2 });
      if (messages.length > 0) answered++;
      return messages.length;
    });
    await cloud.send(url, 'only');
    expect(await Promise.race(polls)).toBe(1);
    expect(answered).toBe(1);
    expect((await Promise.all(polls)).sort()).toEqual([0, 0, 0, 0, 1]);
  },
  'a long poll that is aborted swallows nothing': async (cloud) => {
    const url = await cloud.queue();
    const abort = new AbortController();
    const poll = cloud.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 10 }), {
      abortSignal: abort.signal,
    });
    await cloud.attributesOf(url);
    abort.abort();
    await expect(poll).rejects.toThrow('aborted');
    await cloud.send(url, 'a');
    expect(await cloud.receive(url, { WaitTimeSeconds: 2 })).toMatchObject([{ Body: 'a' }]);
  },
  'a message comes again when its visibility timeout has ended, and the counts say so': async (cloud) => {
    const url = await cloud.queue({ VisibilityTimeout: '1' });
    await cloud.send(url, 'a');
    await cloud.receive(url);
    expect(await cloud.attributesOf(url)).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '1',
    });
    const [again] = await cloud.receive(url, {
      WaitTimeSeconds: 3,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(again).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } });
  },
  'a delayed message comes late, and is counted as delayed before': async (cloud) => {
    const url = await cloud.queue();
    const send = new SendMessageCommand({ QueueUrl: url, MessageBody: 'a', DelaySeconds: 1 });
    await cloud.clients.sqs.send(send);
    expect(await cloud.receive(url)).toEqual([]);
    expect(await cloud.attributesOf(url)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
    expect(await cloud.receive(url, { WaitTimeSeconds: 3 })).toMatchObject([{ Body: 'a' }]);
  },
  'visibility is changed to 0, and the message is there at once': async (cloud) => {
    const url = await cloud.queue();
    await cloud.send(url, 'a');
    const [message] = await cloud.receive(url);
    const show = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 };
    await cloud.clients.sqs.send(new ChangeMessageVisibilityCommand(show));
    expect(await cloud.receive(url)).toMatchObject([{ Body: 'a' }]);
  },
  'visibility of a message that is not in flight cannot be changed': async (cloud) => {
    const url = await cloud.queue();
    await cloud.send(url, 'a');
    const [message] = await cloud.receive(url, { VisibilityTimeout: 0 });
    const hide = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 10 };
    await expectRefusal(
      cloud.clients.sqs.send(new ChangeMessageVisibilityCommand(hide)),
      'MessageNotInflight',
    );
  },
  'a deleted message does not come again': async (cloud) => {
    const url = await cloud.queue({ VisibilityTimeout: '1' });
    await cloud.send(url, 'a');
    const [message] = await cloud.receive(url);
    const remove = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle };
    await cloud.clients.sqs.send(new DeleteMessageCommand(remove));
    expect(await cloud.receive(url, { WaitTimeSeconds: 2 })).toEqual([]);
  },
  'a bad handle fails its entry of a DeleteMessageBatch, and no other': async (cloud) => {
    const url = await cloud.queue();
    await cloud.send(url, 'a');
    const [message] = await cloud.receive(url);
    const Entries = [
      { Id: 'good', ReceiptHandle: message?.ReceiptHandle },
      { Id: 'bad', ReceiptHandle: 'no-handle' },
    ];
    const reply = await cloud.clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    expect(reply.Successful).toMatchObject([{ Id: 'good' }]);
    expect(reply.Failed).toMatchObject([{ Id: 'bad', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }]);
  },
  'ChangeMessageVisibilityBatch works on each of its entries': async (cloud) => {
    const url = await cloud.queue();
    await cloud.send(url, 'a', 'b');
    const Entries = (await cloud.receive(url)).map(({ ReceiptHandle }, index) => ({
      Id: `${index}`,
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    const change = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
    expect((await cloud.clients.sqs.send(change)).Successful).toHaveLength(2);
    expect(bodiesOf(await cloud.receive(url))).toEqual(['a', 'b']);
  },
  'a batch of more than 1 MiB in total is refused': async (cloud) => {
    const url = await cloud.queue();
    await expectRefusal(cloud.send(url, 'x'.repeat(600_000), 'y'.repeat(600_000)), 'BatchRequestTooLong');
  },
  'a message of 1 MiB is taken, and one byte more is refused': async (cloud) => {
    const url = await cloud.queue();
    const send = (bytes: number) =>
      cloud.clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x'.repeat(bytes) }));
    await send(1_048_576);
    await expectRefusal(send(1_048_577), 'InvalidParameterValue');
  },
  'a batch has one to ten entries': async (cloud) => {
    const url = await cloud.queue();
    await expectRefusal(cloud.send(url), 'EmptyBatchRequest');
    await expectRefusal(cloud.send(url, ...'abcdefghijk'), 'TooManyEntriesInBatchRequest');
  },
  'ids of a batch are distinct': async (cloud) => {
    const entry = { Id: 'same', MessageBody: 'a' };
    const send = { QueueUrl: await cloud.queue(), Entries: [entry, entry] };
    await expectRefusal(
      cloud.clients.sqs.send(new SendMessageBatchCommand(send)),
      'BatchEntryIdsNotDistinct',
    );
  },
  'a message received too often goes to the dead-letter queue, and says where it came from': async (
    cloud,
  ) => {
    const { url, dead } = await cloud.queueWithDeadLetters();
    await bury(cloud, url, 'poison');
    const [message] = await cloud.receive(dead, { MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'poison',
      Attributes: { DeadLetterQueueSourceArn: await cloud.arnOf(url) },
    });
  },
  'the sources of a dead-letter queue are listed': async (cloud) => {
    const { url, dead } = await cloud.queueWithDeadLetters();
    const list = new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead });
    expect((await cloud.clients.sqs.send(list)).queueUrls).toEqual([url]);
  },
  'a move task takes messages back to where they came from': async (cloud) => {
    const { url, deadArn } = await cloud.queueWithDeadLetters();
    await bury(cloud, url, 'poison');
    await cloud.clients.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));
    expect(await cloud.receive(url, { WaitTimeSeconds: 3 })).toMatchObject([{ Body: 'poison' }]);
    const { Results } = await cloud.clients.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
    expect(Results).toMatchObject([{ SourceArn: deadArn, ApproximateNumberOfMessagesToMove: 1 }]);
  },
  'a move task starts from a dead-letter queue only': async (cloud) => {
    const SourceArn = await cloud.arnOf(await cloud.queue());
    const start = new StartMessageMoveTaskCommand({ SourceArn });
    await expectRefusal(cloud.clients.sqs.send(start), 'InvalidParameterValue');
  },
  'a move task that is not there cannot be cancelled': async (cloud) => {
    const cancel = new CancelMessageMoveTaskCommand({ TaskHandle: 'bm90aGluZw==' });
    await expectRefusal(cloud.clients.sqs.send(cancel), 'ResourceNotFoundException', 400);
  },
  'CreateQueue again with the same attributes is no error, with others it is': async (cloud) => {
    const QueueName = cloud.name();
    const create = (VisibilityTimeout: string) =>
      cloud.clients.sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout } }));
    expect((await create('45')).QueueUrl).toBe((await create('45')).QueueUrl);
    await expectRefusal(create('46'), 'QueueNameExists');
  },
  'attributes out of range are refused': async (cloud) => {
    await expectRefusal(cloud.queue({ VisibilityTimeout: '43201' }), 'InvalidAttributeValue');
  },
  'unknown attributes are refused': async (cloud) => {
    await expectRefusal(cloud.queue({ Colour: 'blue' }), 'InvalidAttributeName');
  },
  'SetQueueAttributes changes what GetQueueAttributes tells': async (cloud) => {
    const QueueUrl = await cloud.queue();
    const Attributes = { VisibilityTimeout: '7', MessageRetentionPeriod: '60' };
    await cloud.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    expect(await cloud.attributesOf(QueueUrl)).toMatchObject(Attributes);
  },
  'the default size limit is 1 MiB': async (cloud) => {
    expect(await cloud.attributesOf(await cloud.queue())).toMatchObject({ MaximumMessageSize: '1048576' });
  },
  'a queue that is not there is told as QueueDoesNotExist': async (cloud) => {
    const send = new SendMessageCommand({ QueueUrl: NOWHERE, MessageBody: 'a' });
    await expectRefusal(cloud.clients.sqs.send(send), 'QueueDoesNotExist');
    const find = new GetQueueUrlCommand({ QueueName: 'nowhere' });
    await expectRefusal(cloud.clients.sqs.send(find), 'QueueDoesNotExist');
  },
  'queues are listed by prefix, in pages': async (cloud) => {
    const QueueNamePrefix = `${cloud.name()}-`;
    for (const end of 'abc')
      await cloud.clients.sqs.send(new CreateQueueCommand({ QueueName: QueueNamePrefix + end }));
    const list = (more: { NextToken?: string }) =>
      cloud.clients.sqs.send(new ListQueuesCommand({ QueueNamePrefix, MaxResults: 2, ...more }));
    const { QueueUrls: first = [], NextToken = '' } = await list({});
    expect(first).toHaveLength(2);
    const { QueueUrls: second = [] } = await list({ NextToken });
    expect(new Set([...first, ...second]).size).toBe(3);
  },
  'a purged queue is empty, and a deleted one is gone': async (cloud) => {
    const QueueUrl = await cloud.queue();
    await cloud.send(QueueUrl, 'a');
    await cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await cloud.receive(QueueUrl)).toEqual([]);
    await cloud.clients.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expectRefusal(cloud.attributesOf(QueueUrl), 'QueueDoesNotExist');
  },
  'tags are kept': async (cloud) => {
    const QueueUrl = await cloud.queue();
    await cloud.clients.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: 'b' } }));
    const { Tags } = await cloud.clients.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ a: 'b' });
  },
  'a label of AddPermission on an absent queue is an error and no false success': async (cloud) => {
    const permit = { QueueUrl: NOWHERE, Label: 'a', AWSAccountIds: ['000000000000'], Actions: ['*'] };
    await expect(cloud.clients.sqs.send(new AddPermissionCommand(permit))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
  },
};

export const SQS_CASES = casesOf('SQS', RUNS);
