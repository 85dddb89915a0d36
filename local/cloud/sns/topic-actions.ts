import { refuseDenials } from '../refuse-denials.ts';
import { findTopic, requireTopic, requireTopicName, type SnsAction, topicArnOf } from './sns-action.ts';
import { invalidParameter, unsupported } from './sns-error.ts';
import { describeMap, pageOf } from './sns-xml.ts';

/** Why a value of an attribute cannot be taken; undefined when it can. What is in no row is refused. */
const TOPIC_ATTRIBUTES: Readonly<Record<string, (value: string) => string | undefined>> = {
  // The name of the sender of emails, which the outbox does not show.
  DisplayName: () => undefined,
  // Encryption at rest is seen by nobody.
  KmsMasterKeyId: () => undefined,
  Policy: refuseDenials,
  SignatureVersion: (value) => (/^[12]$/.test(value) ? undefined : 'it must be 1 or 2'),
  TracingConfig: (value) =>
    value === 'PassThrough' ? undefined : 'this local cloud has no traces: it can only be PassThrough',
};

export const createTopic: SnsAction = async (call) => {
  const { form, topics } = call;
  const name = requireTopicName(form.require('Name'));
  if (form.fields().has('Tags')) throw unsupported('Tags');
  const attributes = parseAttributes(form.map('Attributes'));
  const existing = topics.find(name);
  if (existing === undefined) await topics.save({ name, attributes });
  else {
    const different = Object.entries(attributes).find(([key, value]) => existing.attributes[key] !== value);
    if (different !== undefined) {
      throw invalidParameter('Attributes', 'Topic already exists with different attributes');
    }
  }
  return `<TopicArn>${topicArnOf(call, name)}</TopicArn>`;
};

/** Deleting what is not there is no error. */
export const deleteTopic: SnsAction = async (call) => {
  const topic = findTopic(call, call.form.require('TopicArn'));
  if (topic !== undefined) await call.topics.delete(topic.name);
  return '';
};

export const listTopics: SnsAction = (call) => {
  const arns = call.topics.topics().map(({ name }) => topicArnOf(call, name));
  const members = arns.map((arn) => `<member><TopicArn>${arn}</TopicArn></member>`);
  return pageOf('Topics', members, call.form);
};

export const getTopicAttributes: SnsAction = (call) => {
  const topic = requireTopic(call);
  return describeMap('Attributes', {
    DisplayName: '',
    Owner: call.accountId,
    SubscriptionsConfirmed: String(call.topics.subscriptions(topic.name).length),
    SubscriptionsDeleted: '0',
    SubscriptionsPending: '0',
    TopicArn: topicArnOf(call, topic.name),
    ...topic.attributes,
  });
};

export const setTopicAttributes: SnsAction = async (call) => {
  const topic = requireTopic(call);
  const name = call.form.require('AttributeName');
  const change = parseAttributes(new Map([[name, call.form.get('AttributeValue') ?? '']]));
  await call.topics.save({ ...topic, attributes: { ...topic.attributes, ...change } });
  return '';
};

function parseAttributes(given: ReadonlyMap<string, string>): Record<string, string> {
  for (const [name, value] of given) {
    const refusalOf = Object.hasOwn(TOPIC_ATTRIBUTES, name) ? TOPIC_ATTRIBUTES[name] : undefined;
    if (refusalOf === undefined) throw unsupported(`Attributes.${name}`);
    const refusal = refusalOf(value);
    if (refusal !== undefined) throw invalidParameter(`Attributes.${name}`, refusal);
  }
  return Object.fromEntries(given);
}
