import { escapeXml } from '../escape-xml.ts';
import { findTopic, requireTopic, requireTopicName, type SnsAction, topicArnOf } from './sns-action.ts';
import { invalidParameter, unsupported } from './sns-error.ts';
import { describeMap, pageOf } from './sns-xml.ts';

/** Kept and shown, without effect here. What would have one is refused. */
const TOPIC_ATTRIBUTES = new Set([
  'DisplayName',
  'KmsMasterKeyId',
  'Policy',
  'SignatureVersion',
  'TracingConfig',
]);

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
  for (const name of given.keys()) {
    if (!TOPIC_ATTRIBUTES.has(name)) throw unsupported(`Attributes.${escapeXml(name)}`);
  }
  return Object.fromEntries(given);
}
