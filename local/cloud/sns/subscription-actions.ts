import { escapeXml } from '../escape-xml.ts';
import {
  findSubscription,
  requireTopic,
  type SnsAction,
  type SnsCall,
  subscriptionArnOf,
  topicArnOf,
} from './sns-action.ts';
import { invalidParameter, SnsError, unsupported } from './sns-error.ts';
import { describeMap, pageOf } from './sns-xml.ts';
import type { Protocol, Subscription } from './topic-store.ts';

const RAW_DELIVERY = 'RawMessageDelivery';
const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/;
const EMAIL_ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** Email addresses count as confirmed at once: there is nobody here to click on a link. */
export const subscribe: SnsAction = async (call) => {
  const topic = requireTopic(call);
  const protocol = requireProtocol(call.form.require('Protocol'));
  const endpoint = requireEndpoint(protocol, call.form.require('Endpoint'));
  const attributes: Record<string, string> = {};
  for (const [name, value] of call.form.map('Attributes'))
    attributes[name] = requireAttribute(protocol, name, value);
  const existing = call.topics
    .subscriptions(topic.name)
    .find((known) => known.protocol === protocol && known.endpoint === endpoint);
  if (existing !== undefined && isRaw(existing) !== (attributes[RAW_DELIVERY] === 'true')) {
    throw invalidParameter('Attributes', 'Subscription already exists with different attributes');
  }
  const subscription =
    existing ?? (await call.topics.subscribe({ topic: topic.name, protocol, endpoint, attributes }));
  return `<SubscriptionArn>${subscriptionArnOf(call, subscription)}</SubscriptionArn>`;
};

/** Unsubscribing what is not there is no error. */
export const unsubscribe: SnsAction = async (call) => {
  const subscription = findSubscription(call);
  if (subscription !== undefined) await call.topics.unsubscribe(subscription);
  return '';
};

export const listSubscriptions: SnsAction = (call) => {
  const all = call.topics.topics().flatMap(({ name }) => call.topics.subscriptions(name));
  return describeSubscriptions(call, all);
};

export const listSubscriptionsByTopic: SnsAction = (call) =>
  describeSubscriptions(call, call.topics.subscriptions(requireTopic(call).name));

export const getSubscriptionAttributes: SnsAction = (call) => {
  const subscription = requireSubscription(call);
  return describeMap('Attributes', {
    ConfirmationWasAuthenticated: 'true',
    Endpoint: subscription.endpoint,
    Owner: call.accountId,
    PendingConfirmation: 'false',
    Protocol: subscription.protocol,
    RawMessageDelivery: String(isRaw(subscription)),
    SubscriptionArn: subscriptionArnOf(call, subscription),
    TopicArn: topicArnOf(call, subscription.topic),
  });
};

export const setSubscriptionAttributes: SnsAction = async (call) => {
  const subscription = requireSubscription(call);
  const name = call.form.require('AttributeName');
  const value = requireAttribute(subscription.protocol, name, call.form.get('AttributeValue') ?? '');
  const attributes = { ...subscription.attributes, [name]: value };
  await call.topics.saveSubscription({ ...subscription, attributes });
  return '';
};

export function isRaw({ attributes }: Subscription): boolean {
  return attributes[RAW_DELIVERY] === 'true';
}

function requireSubscription(call: SnsCall): Subscription {
  const subscription = findSubscription(call);
  if (subscription === undefined) throw new SnsError('NotFound', 'Subscription does not exist');
  return subscription;
}

function requireProtocol(protocol: string): Protocol {
  if (protocol === 'sqs' || protocol === 'email') return protocol;
  throw invalidParameter('Protocol', `this local cloud delivers to sqs and email, not to ${protocol}`);
}

function requireEndpoint(protocol: Protocol, endpoint: string): string {
  if ((protocol === 'sqs' ? QUEUE_ARN : EMAIL_ADDRESS).test(endpoint)) return endpoint;
  throw invalidParameter('Endpoint', protocol === 'sqs' ? 'SQS endpoint ARN' : 'Email address');
}

/** A filter or a redrive policy that did nothing would be a lie. */
function requireAttribute(protocol: Protocol, name: string, value: string): string {
  if (name !== RAW_DELIVERY) throw unsupported(`Attributes.${name}`);
  if (!/^(true|false)$/i.test(value))
    throw invalidParameter(`Attributes.${name}`, 'it must be true or false');
  if (protocol === 'email' && /^true$/i.test(value)) {
    throw invalidParameter(`Attributes.${name}`, 'email does not deliver raw messages');
  }
  return value.toLowerCase();
}

function describeSubscriptions(call: SnsCall, subscriptions: readonly Subscription[]): string {
  const members = subscriptions.map(
    (subscription) =>
      `<member><TopicArn>${topicArnOf(call, subscription.topic)}</TopicArn>` +
      `<Protocol>${subscription.protocol}</Protocol><Owner>${call.accountId}</Owner>` +
      `<Endpoint>${escapeXml(subscription.endpoint)}</Endpoint>` +
      `<SubscriptionArn>${subscriptionArnOf(call, subscription)}</SubscriptionArn></member>`,
  );
  return pageOf('Subscriptions', members, call.form);
}
