import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { type CaseRuns, type CloudUnderTest, casesOf, expectRefusal } from './conformance-case.ts';

const MESSAGE_ATTRIBUTES = { colour: { DataType: 'String', StringValue: 'blue' } };

async function subscribedQueue(cloud: CloudUnderTest, Attributes: Record<string, string> = {}) {
  const TopicArn = await cloud.topic();
  const url = await cloud.queue();
  const Endpoint = await cloud.arnOf(url);
  const subscribe = new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes });
  const { SubscriptionArn } = await cloud.clients.sns.send(subscribe);
  return { TopicArn, url, Endpoint, SubscriptionArn };
}

const RUNS: CaseRuns = {
  'a published message reaches a subscribed queue in an envelope': async (cloud) => {
    const { TopicArn, url } = await subscribedQueue(cloud);
    const { MessageId } = await cloud.clients.sns.send(
      new PublishCommand({
        TopicArn,
        Message: 'a 😀',
        Subject: 'About',
        MessageAttributes: MESSAGE_ATTRIBUTES,
      }),
    );
    const [message] = await cloud.receive(url, { WaitTimeSeconds: 2 });
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'About',
      Message: 'a 😀',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      MessageAttributes: { colour: { Type: 'String', Value: 'blue' } },
    });
  },
  'raw delivery leaves the message as it is, and its attributes become those of SQS': async (cloud) => {
    const { TopicArn, url } = await subscribedQueue(cloud, { RawMessageDelivery: 'true' });
    const publish = { TopicArn, Message: 'raw', MessageAttributes: MESSAGE_ATTRIBUTES };
    await cloud.clients.sns.send(new PublishCommand(publish));
    expect(await cloud.receive(url, { WaitTimeSeconds: 2, MessageAttributeNames: ['All'] })).toMatchObject([
      { Body: 'raw', MessageAttributes: MESSAGE_ATTRIBUTES },
    ]);
  },
  'a structured message is told to each protocol in its own text': async (cloud) => {
    const { TopicArn, url } = await subscribedQueue(cloud, { RawMessageDelivery: 'true' });
    const Message = JSON.stringify({ default: 'for all', sqs: 'for queues' });
    await cloud.clients.sns.send(new PublishCommand({ TopicArn, Message, MessageStructure: 'json' }));
    expect(await cloud.receive(url, { WaitTimeSeconds: 2 })).toMatchObject([{ Body: 'for queues' }]);
  },
  'PublishBatch publishes each of its entries': async (cloud) => {
    const { TopicArn, url } = await subscribedQueue(cloud, { RawMessageDelivery: 'true' });
    const PublishBatchRequestEntries = ['a', 'b'].map((Message, index) => ({ Id: `${index}`, Message }));
    const publish = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries });
    expect((await cloud.clients.sns.send(publish)).Successful).toHaveLength(2);
    const bodies = (await cloud.receive(url, { WaitTimeSeconds: 2 })).map(({ Body }) => Body);
    expect(bodies.sort()).toEqual(['a', 'b']);
  },
  'a batch of eleven is refused': async (cloud) => {
    const PublishBatchRequestEntries = [...'abcdefghijk'].map((Id) => ({ Id, Message: Id }));
    const publish = new PublishBatchCommand({ TopicArn: await cloud.topic(), PublishBatchRequestEntries });
    await expectRefusal(cloud.clients.sns.send(publish), 'TooManyEntriesInBatchRequestException');
  },
  'subscribing again gives the same subscription': async (cloud) => {
    const { TopicArn, Endpoint, SubscriptionArn } = await subscribedQueue(cloud);
    const again = new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint });
    expect((await cloud.clients.sns.send(again)).SubscriptionArn).toBe(SubscriptionArn);
  },
  'subscriptions are listed by topic until they are ended': async (cloud) => {
    const { TopicArn, Endpoint, SubscriptionArn } = await subscribedQueue(cloud);
    const list = async () =>
      (await cloud.clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions;
    expect(await list()).toMatchObject([{ TopicArn, Protocol: 'sqs', Endpoint, SubscriptionArn }]);
    await cloud.clients.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(await list()).toEqual([]);
  },
  'CreateTopic again gives the same topic': async (cloud) => {
    const create = new CreateTopicCommand({ Name: cloud.name() });
    const first = await cloud.clients.sns.send(create);
    expect((await cloud.clients.sns.send(create)).TopicArn).toBe(first.TopicArn);
  },
  'a deleted topic is not found': async (cloud) => {
    const TopicArn = await cloud.topic();
    await cloud.clients.sns.send(new DeleteTopicCommand({ TopicArn }));
    const get = new GetTopicAttributesCommand({ TopicArn });
    await expectRefusal(cloud.clients.sns.send(get), 'NotFoundException', 404);
    const publish = new PublishCommand({ TopicArn, Message: 'a' });
    await expectRefusal(cloud.clients.sns.send(publish), 'NotFoundException', 404);
  },
  'an empty message is refused': async (cloud) => {
    const publish = new PublishCommand({ TopicArn: await cloud.topic(), Message: '' });
    await expectRefusal(cloud.clients.sns.send(publish), 'InvalidParameterException');
  },
  'a message of more than 256 KiB is refused': async (cloud) => {
    const publish = new PublishCommand({ TopicArn: await cloud.topic(), Message: 'x'.repeat(262_145) });
    await expectRefusal(cloud.clients.sns.send(publish), 'InvalidParameterException');
  },
};

export const SNS_CASES = casesOf('SNS', RUNS);
