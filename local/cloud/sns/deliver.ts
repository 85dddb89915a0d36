import { randomUUID } from 'node:crypto';
import { parsePayload } from '../sqs/message-content.ts';
import { SqsError } from '../sqs/sqs-error.ts';
import { messageFor, type Notification } from './notification.ts';
import { type SnsServices, subscriptionArnOf, topicArnOf } from './sns-action.ts';
import { isRaw } from './subscription-actions.ts';
import type { Subscription, Topic } from './topic-store.ts';

interface Delivery {
  readonly messageId: string;
  readonly topicArn: string;
  readonly sentAt: string;
  readonly signatureVersion: string;
  readonly notification: Notification;
}

/** The subject that SNS gives an email without one. */
const DEFAULT_SUBJECT = 'AWS Notification Message';

/** Returns the message's id once every subscriber has it durably. */
export async function deliver(
  services: SnsServices,
  topic: Topic,
  notification: Notification,
): Promise<string> {
  const delivery: Delivery = {
    messageId: randomUUID(),
    topicArn: topicArnOf(services, topic.name),
    sentAt: new Date(services.nowMs()).toISOString(),
    signatureVersion: topic.attributes.SignatureVersion ?? '1',
    notification,
  };
  const subscriptions = services.topics.subscriptions(topic.name);
  await Promise.all(
    subscriptions.map((subscription) =>
      subscription.protocol === 'sqs'
        ? deliverToQueue(services, subscription, delivery)
        : deliverToOutbox(services, subscription, delivery),
    ),
  );
  return delivery.messageId;
}

/** A queue that is not there, or cannot take the message, gets none: SNS retries, and then drops it too. */
async function deliverToQueue(
  services: SnsServices,
  subscription: Subscription,
  delivery: Delivery,
): Promise<void> {
  const queue = services.queues.findByArn(subscription.endpoint);
  if (queue === undefined) return;
  const { groupId } = delivery.notification;
  try {
    const payload = parsePayload(toQueueMessage(services, subscription, delivery));
    await queue.send([{ payload, delayMs: undefined, groupId }]);
  } catch (error) {
    if (!(error instanceof SqsError)) throw error;
  }
}

function toQueueMessage(
  services: SnsServices,
  subscription: Subscription,
  delivery: Delivery,
): Record<string, unknown> {
  const { notification } = delivery;
  if (!isRaw(subscription)) return { MessageBody: describeNotification(services, subscription, delivery) };
  const attributes = Object.entries(notification.attributes).map(([name, { Type, Value }]) => {
    const field = Type === 'Binary' ? 'BinaryValue' : 'StringValue';
    return [name, { DataType: Type, [field]: Value }];
  });
  return {
    MessageBody: messageFor(notification, 'sqs'),
    MessageAttributes: Object.fromEntries(attributes),
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
function describeNotification(
  services: SnsServices,
  subscription: Subscription,
  { messageId, topicArn, sentAt, signatureVersion, notification }: Delivery,
): string {
  const { subject, attributes } = notification;
  const site = `https://sns.${services.region}.amazonaws.com/`;
  const subscriptionArn = subscriptionArnOf(services, subscription);
  return JSON.stringify({
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: messageFor(notification, 'sqs'),
    Timestamp: sentAt,
    SignatureVersion: signatureVersion,
    // AWS signs with a key that only AWS has.
    Signature: 'NOT-SIGNED',
    SigningCertURL: `${site}SimpleNotificationService-not-signed.pem`,
    UnsubscribeURL: `${site}?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  });
}

async function deliverToOutbox(
  { outbox }: SnsServices,
  { endpoint }: Subscription,
  { messageId, topicArn, sentAt, notification }: Delivery,
): Promise<void> {
  await outbox.add({
    messageId,
    topicArn,
    to: endpoint,
    subject: notification.subject ?? DEFAULT_SUBJECT,
    message: messageFor(notification, 'email'),
    sentAt,
  });
}
