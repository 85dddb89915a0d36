import type { QueueRegistry } from '../sqs/queue-registry.ts';
import type { Outbox } from './outbox.ts';
import type { QueryForm } from './query-form.ts';
import { invalidParameter, SnsError } from './sns-error.ts';
import type { Subscription, Topic, TopicStore } from './topic-store.ts';

export interface SnsServices {
  readonly topics: TopicStore;
  readonly outbox: Outbox;
  readonly queues: QueueRegistry;
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: () => number;
}

export interface SnsCall extends SnsServices {
  readonly form: QueryForm;
}

/** Returns the inside of the result element. */
export type SnsAction = (call: SnsCall) => Promise<string> | string;

const TOPIC_NAME = /^[A-Za-z0-9_-]{1,256}$/;

export function requireTopicName(name: string): string {
  if (TOPIC_NAME.test(name)) return name;
  throw invalidParameter(
    'Topic Name',
    name.endsWith('.fifo')
      ? 'FIFO topics are not supported by this local cloud'
      : 'it must have 1 to 256 letters, digits, hyphens and underscores',
  );
}

export function topicArnOf({ region, accountId }: SnsServices, name: string): string {
  return `arn:aws:sns:${region}:${accountId}:${name}`;
}

export function subscriptionArnOf(services: SnsServices, { topic, uuid }: Subscription): string {
  return `${topicArnOf(services, topic)}:${uuid}`;
}

export function findTopic(call: SnsCall, arn: string): Topic | undefined {
  const name = nameIn('TopicArn', arn, 6).at(-1) ?? '';
  return arn === topicArnOf(call, name) ? call.topics.find(name) : undefined;
}

export function requireTopic(call: SnsCall, field = 'TopicArn'): Topic {
  const topic = findTopic(call, call.form.require(field));
  if (topic === undefined) throw new SnsError('NotFound', 'Topic does not exist');
  return topic;
}

export function findSubscription(call: SnsCall): Subscription | undefined {
  const arn = call.form.require('SubscriptionArn');
  const [, , , , , topic = '', uuid = ''] = nameIn('SubscriptionArn', arn, 7);
  return arn === `${topicArnOf(call, topic)}:${uuid}` ? call.topics.findSubscription(topic, uuid) : undefined;
}

function nameIn(field: string, arn: string, parts: number): string[] {
  const split = arn.split(':');
  if (split.length === parts && arn.startsWith('arn:') && split[2] === 'sns') return split;
  throw invalidParameter(field, `it is not an ARN as expected: ${arn}`);
}
