import {
  CreateTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { type CloudHarness, createTestQueue, refusalOf, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
let TopicArn: string;
let created = 0;
beforeAll(async () => {
  harness = await startHarness();
});
beforeEach(async () => {
  const command = new CreateTopicCommand({ Name: `topic-${++created}` });
  TopicArn = (await harness.sns.send(command)).TopicArn ?? '';
});
afterAll(() => harness.stop());

async function subscribeQueue(Attributes = {}) {
  const queueUrl = await createTestQueue(harness);
  const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${queueUrl.split('/').at(-1)}`;
  const command = new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes });
  return { queueUrl, ...(await harness.sns.send(command)) };
}

const subscribeEmail = (Endpoint: string) =>
  harness.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint }));

const publish = (input: Partial<PublishCommandInput>) =>
  harness.sns.send(new PublishCommand({ TopicArn, Message: 'message', ...input }));

async function received(QueueUrl: string) {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['MessageGroupId'],
  });
  return (await harness.sqs.send(command)).Messages ?? [];
}

async function outbox(query = '') {
  const response = await fetch(`${harness.cloud.endpoint}/_cloud/outbox${query}`);
  return { status: response.status, body: (await response.json()) as { emails: object[] } };
}

const MessageAttributes = {
  colour: { DataType: 'String', StringValue: 'blue 😀' },
  bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
};

test('delivers to a queue in the envelope of SNS', async () => {
  const { queueUrl, SubscriptionArn } = await subscribeQueue();
  const sent = await publish({ Message: 'a "message" & 😀', Subject: 'About', MessageAttributes });
  const [message] = await received(queueUrl);
  expect(JSON.parse(message?.Body ?? '')).toEqual({
    Type: 'Notification',
    MessageId: sent.MessageId,
    TopicArn,
    Subject: 'About',
    Message: 'a "message" & 😀',
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    SignatureVersion: '1',
    Signature: 'NOT-SIGNED',
    SigningCertURL: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-not-signed.pem',
    UnsubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`,
    MessageAttributes: {
      colour: { Type: 'String', Value: 'blue 😀' },
      bytes: { Type: 'Binary', Value: 'AP8=' },
    },
  });
  expect(message).not.toHaveProperty('MessageAttributes');
});

test('delivers raw messages as they are, with their attributes and group', async () => {
  const { queueUrl } = await subscribeQueue({ RawMessageDelivery: 'true' });
  await publish({ MessageAttributes, MessageGroupId: 'tenant' });
  expect(await received(queueUrl)).toMatchObject([
    {
      Body: 'message',
      Attributes: { MessageGroupId: 'tenant' },
      MessageAttributes: {
        colour: { DataType: 'String', StringValue: 'blue 😀' },
        bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
      },
    },
  ]);
});

test('wakes those who wait at the queue', async () => {
  const { queueUrl } = await subscribeQueue({ RawMessageDelivery: 'true' });
  const waiting = harness.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }));
  await publish({});
  expect((await waiting).Messages).toMatchObject([{ Body: 'message' }]);
});

test('takes the text for each protocol from a structured message', async () => {
  const { queueUrl } = await subscribeQueue({ RawMessageDelivery: 'true' });
  await subscribeEmail('structured@example.com');
  await publish({ MessageStructure: 'json', Message: '{"default":"all","sqs":"queue"}' });
  expect(await received(queueUrl)).toMatchObject([{ Body: 'queue' }]);
  expect((await outbox('?limit=1')).body.emails).toMatchObject([{ message: 'all' }]);
  for (const Message of ['{"sqs":"queue"}', '{', '7']) {
    expect(await refusalOf(publish({ MessageStructure: 'json', Message }))).toMatchObject({
      name: 'InvalidParameterException',
    });
  }
});

test('publishes ten at once, and fails the wrong ones alone', async () => {
  const { queueUrl } = await subscribeQueue({ RawMessageDelivery: 'true' });
  const entries = (...messages: string[]) =>
    messages.map((Message, index) => ({
      Id: `${index}`,
      Message,
      Subject: Message === 'bad' ? 'two\nlines' : 'one',
    }));
  const batch = (PublishBatchRequestEntries: object[]) =>
    harness.sns.send(
      new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: PublishBatchRequestEntries as [] }),
    );
  const { Successful, Failed } = await batch(entries('a', 'bad', 'c'));
  expect(Successful?.map(({ Id }) => Id)).toEqual(['0', '2']);
  expect(Failed).toMatchObject([{ Id: '1', Code: 'InvalidParameter', SenderFault: true }]);
  expect((await received(queueUrl)).map(({ Body }) => Body)).toEqual(['a', 'c']);
  const long = 'x'.repeat(131_073);
  expect((await refusalOf(batch(entries(long, long)))).name).toBe('BatchRequestTooLongException');
  expect((await refusalOf(batch([]))).name).toBe('EmptyBatchRequestException');
  expect((await refusalOf(batch(entries(...'abcdefghijk')))).name).toBe(
    'TooManyEntriesInBatchRequestException',
  );
  expect((await refusalOf(batch([...entries('a'), ...entries('a')]))).name).toBe(
    'BatchEntryIdsNotDistinctException',
  );
});

test.each([
  ['an empty message', { Message: '' }],
  ['a message of 262,145 bytes', { Message: `${'é'.repeat(131_072)}x` }],
  ['a subject of 101 characters', { Subject: 'x'.repeat(101) }],
  ['an attribute without a value', { MessageAttributes: { a: { DataType: 'String', StringValue: '' } } }],
  ['an attribute of an unknown type', { MessageAttributes: { a: { DataType: 'Date', StringValue: '1' } } }],
])('refuses %s', async (_, input) => {
  expect(await refusalOf(publish(input))).toMatchObject({ name: 'InvalidParameterException', status: 400 });
});

test('keeps emails in an outbox, the newest first, over a restart', async () => {
  await subscribeEmail('a@example.com');
  const { MessageId } = await publish({ Subject: 'First', Message: 'one' });
  await publish({ Message: 'two' });
  await harness.restart();
  const { status, body } = await outbox('?limit=2');
  expect(status).toBe(200);
  const sentAt = expect.stringMatching(/^\d{4}-.*Z$/);
  const common = { to: 'a@example.com', topicArn: TopicArn, sentAt };
  expect(body.emails).toEqual([
    { ...common, messageId: expect.any(String), subject: 'AWS Notification Message', message: 'two' },
    { ...common, messageId: MessageId, subject: 'First', message: 'one' },
  ]);
});

test('keeps the last 1,000 emails, and can be emptied', async () => {
  await subscribeEmail('b@example.com');
  for (let count = 1; count <= 1_002; count++) await publish({ Message: `${count}` });
  await harness.restart();
  const { emails } = (await outbox('?limit=1000')).body;
  expect(emails).toHaveLength(1_000);
  expect(emails.at(0)).toMatchObject({ message: '1002' });
  expect(emails.at(-1)).toMatchObject({ message: '3' });
  expect((await outbox()).body.emails).toHaveLength(100);
  expect((await outbox('?limit=1001')).status).toBe(400);
  await fetch(`${harness.cloud.endpoint}/_cloud/outbox`, { method: 'DELETE' });
  expect((await outbox()).body.emails).toEqual([]);
});

test('publishes to a queue that is gone without complaint', async () => {
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:nowhere';
  await harness.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  expect((await publish({})).MessageId).toMatch(/./);
});
