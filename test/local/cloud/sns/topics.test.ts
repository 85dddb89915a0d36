import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { type CloudHarness, refusalOf, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

const ARN_PREFIX = 'arn:aws:sns:us-east-1:000000000000:';
const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:any';

async function createTopic(Name: string, Attributes = {}): Promise<string> {
  return (await harness.sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn ?? '';
}

async function subscribe(TopicArn: string, Protocol: string, Endpoint: string, Attributes = {}) {
  const command = new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes });
  return (await harness.sns.send(command)).SubscriptionArn ?? '';
}

test('creates a topic, and the same again, and keeps it over a restart', async () => {
  expect(await createTopic('alarms', { DisplayName: 'Alarms & more' })).toBe(`${ARN_PREFIX}alarms`);
  expect(await createTopic('alarms')).toBe(`${ARN_PREFIX}alarms`);
  expect(await refusalOf(createTopic('alarms', { DisplayName: 'other' }))).toMatchObject({
    name: 'InvalidParameterException',
    status: 400,
  });
  await harness.restart();
  const command = new GetTopicAttributesCommand({ TopicArn: `${ARN_PREFIX}alarms` });
  expect((await harness.sns.send(command)).Attributes).toEqual({
    DisplayName: 'Alarms & more',
    Owner: '000000000000',
    SubscriptionsConfirmed: '0',
    SubscriptionsDeleted: '0',
    SubscriptionsPending: '0',
    TopicArn: `${ARN_PREFIX}alarms`,
  });
});

test('changes what can be changed', async () => {
  const TopicArn = await createTopic('changing');
  const set = (AttributeName: string, AttributeValue: string) =>
    harness.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
  await set('DisplayName', 'New');
  const { Attributes } = await harness.sns.send(new GetTopicAttributesCommand({ TopicArn }));
  expect(Attributes?.DisplayName).toBe('New');
  expect(await refusalOf(set('DeliveryPolicy', '{}'))).toMatchObject({ name: 'InvalidParameterException' });
});

test('lists topics in pages of a hundred', async () => {
  for (let count = 0; count < 101; count++) await createTopic(`many-${String(count).padStart(3, '0')}`);
  const first = await harness.sns.send(new ListTopicsCommand({}));
  expect(first.Topics).toHaveLength(100);
  const second = await harness.sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
  const arns = [...(first.Topics ?? []), ...(second.Topics ?? [])].map(({ TopicArn }) => TopicArn);
  expect(arns.filter((arn) => arn?.includes(':many-'))).toHaveLength(101);
  expect(second.NextToken).toBeUndefined();
});

test('subscribes queues and addresses once, and lists them', async () => {
  const TopicArn = await createTopic('subscribed');
  const queue = await subscribe(TopicArn, 'sqs', QUEUE_ARN, { RawMessageDelivery: 'true' });
  const email = await subscribe(TopicArn, 'email', 'ops+night@example.com');
  expect(await subscribe(TopicArn, 'email', 'ops+night@example.com')).toBe(email);
  expect(await refusalOf(subscribe(TopicArn, 'sqs', QUEUE_ARN))).toMatchObject({
    name: 'InvalidParameterException',
  });
  await harness.restart();
  const { Subscriptions = [] } = await harness.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const common = { TopicArn, Owner: '000000000000' };
  expect(Subscriptions).toHaveLength(2);
  expect(Subscriptions).toEqual(
    expect.arrayContaining([
      { ...common, Protocol: 'sqs', Endpoint: QUEUE_ARN, SubscriptionArn: queue },
      { ...common, Protocol: 'email', Endpoint: 'ops+night@example.com', SubscriptionArn: email },
    ]),
  );
  const all = await harness.sns.send(new ListSubscriptionsCommand({}));
  expect(all.Subscriptions).toHaveLength(2);
  await harness.sns.send(new UnsubscribeCommand({ SubscriptionArn: queue }));
  await harness.sns.send(new UnsubscribeCommand({ SubscriptionArn: queue }));
  await harness.sns.send(new DeleteTopicCommand({ TopicArn }));
  await harness.sns.send(new DeleteTopicCommand({ TopicArn }));
  expect((await harness.sns.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual([]);
});

test('tells and changes how a subscription delivers', async () => {
  const TopicArn = await createTopic('raw');
  const SubscriptionArn = await subscribe(TopicArn, 'sqs', QUEUE_ARN);
  const get = async () =>
    (await harness.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;
  expect(await get()).toMatchObject({
    Protocol: 'sqs',
    RawMessageDelivery: 'false',
    PendingConfirmation: 'false',
  });
  const set = (AttributeName: string, AttributeValue: string) =>
    harness.sns.send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }),
    );
  await set('RawMessageDelivery', 'true');
  expect(await get()).toMatchObject({ RawMessageDelivery: 'true' });
  expect(await refusalOf(set('FilterPolicy', '{"a":["b"]}'))).toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining('not supported'),
  });
  await harness.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  expect(await refusalOf(get())).toMatchObject({ name: 'NotFoundException', status: 404 });
});

test('refuses what is not there, and what it cannot do', async () => {
  const TopicArn = await createTopic('strict');
  const gone = new PublishCommand({ TopicArn: `${TopicArn}-not`, Message: 'a' });
  expect(await refusalOf(harness.sns.send(gone))).toMatchObject({ name: 'NotFoundException', status: 404 });
  for (const refused of [
    createTopic('a.fifo', { FifoTopic: 'true' }),
    createTopic('a b'),
    createTopic('tracing', { ContentBasedDeduplication: 'true' }),
    harness.sns.send(new CreateTopicCommand({ Name: 'tagged', Tags: [{ Key: 'a', Value: 'b' }] })),
    subscribe(TopicArn, 'lambda', 'arn:aws:lambda:us-east-1:000000000000:function:f'),
    subscribe(TopicArn, 'email', 'nobody'),
    subscribe(TopicArn, 'sqs', 'http://127.0.0.1/queue'),
    subscribe(TopicArn, 'sqs', QUEUE_ARN, { FilterPolicy: '{}' }),
    subscribe(TopicArn, 'email', 'a@example.com', { RawMessageDelivery: 'true' }),
    harness.sns.send(new PublishCommand({ PhoneNumber: '+1', Message: 'a' })),
  ]) {
    expect(await refusalOf(refused)).toMatchObject({ name: 'InvalidParameterException', status: 400 });
  }
});
