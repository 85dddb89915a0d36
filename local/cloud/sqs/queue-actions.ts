import type { LiveQueue } from './live-queue.ts';
import type { QueueRegistry } from './queue-registry.ts';
import {
  allowsRedriveFrom,
  parseQueueAttributes,
  type QueueAttributes,
  type QueueSettings,
  toQueueSettings,
} from './queue-settings.ts';
import { requireQueue, requireQueueNamed, type SqsAction } from './sqs-action.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';
import {
  readInteger,
  readString,
  readStringMap,
  readStrings,
  requireString,
  type SqsInput,
} from './sqs-input.ts';
import { parseTags } from './tag-actions.ts';

const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}$/;
const MAX_LISTED = 1_000;

export const createQueue: SqsAction = async ({ input, queues, queueUrlPrefix }) => {
  const name = requireString(input.QueueName, 'QueueName');
  checkQueueName(name);
  const attributes = parseQueueAttributes(readStringMap(input.Attributes, 'Attributes'));
  const existing = queues.find(name);
  if (existing === undefined) {
    checkDeadLetterQueue(queues, queues.arnOf(name), attributes);
    await queues.create(name, attributes, parseTags(readStringMap(input.tags, 'tags')));
  } else {
    requireSameAttributes(existing.settings, attributes);
  }
  return { output: { QueueUrl: queueUrlPrefix + name } };
};

export const getQueueUrl: SqsAction = ({ input, queues, queueUrlPrefix }) => {
  const { name } = requireQueueNamed(queues, requireString(input.QueueName, 'QueueName'));
  return { output: { QueueUrl: queueUrlPrefix + name } };
};

export const listQueues: SqsAction = ({ input, queues, queueUrlPrefix }) => {
  const { page, NextToken } = pageOf(
    queues.names(readString(input.QueueNamePrefix, 'QueueNamePrefix') ?? ''),
    input,
  );
  return {
    output: { QueueUrls: page.map((name) => queueUrlPrefix + name), ...(NextToken && { NextToken }) },
  };
};

export const listDeadLetterSourceQueues: SqsAction = (call) => {
  const sources = call.queues.deadLetterSources(requireQueue(call).arn);
  const { page, NextToken } = pageOf(sources, call.input);
  return {
    output: { queueUrls: page.map((name) => call.queueUrlPrefix + name), ...(NextToken && { NextToken }) },
  };
};

/** The token is the last name of the page before. */
function pageOf(sorted: readonly string[], input: SqsInput): { page: string[]; NextToken?: string } {
  const maxResults = readInteger(input.MaxResults, 'MaxResults', { min: 1, max: MAX_LISTED });
  const after = Buffer.from(readString(input.NextToken, 'NextToken') ?? '', 'base64url').toString();
  const names = sorted.filter((name) => name > after);
  const page = names.slice(0, maxResults ?? MAX_LISTED);
  // Without MaxResults SQS never gives a token.
  if (maxResults === undefined || page.length === names.length) return { page };
  return { page, NextToken: Buffer.from(page.at(-1) ?? '').toString('base64url') };
}

export const getQueueAttributes: SqsAction = (call) => {
  const queue = requireQueue(call);
  const asked = readStrings(call.input.AttributeNames, 'AttributeNames');
  const all = describeQueue(queue);
  for (const name of asked) {
    if (name !== 'All' && !ATTRIBUTE_NAMES.has(name)) {
      throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
  }
  const chosen = Object.entries(all).filter(([name]) => asked.includes('All') || asked.includes(name));
  return { output: chosen.length > 0 ? { Attributes: Object.fromEntries(chosen) } : {} };
};

export const setQueueAttributes: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const changes = parseQueueAttributes(readStringMap(call.input.Attributes, 'Attributes'));
  checkDeadLetterQueue(call.queues, queue.arn, changes);
  await call.queues.setAttributes(queue, changes);
  return { output: {} };
};

export const purgeQueue: SqsAction = async (call) => {
  await requireQueue(call).purge();
  return { output: {} };
};

export const deleteQueue: SqsAction = async (call) => {
  await call.queues.delete(requireQueue(call));
  return { output: {} };
};

const ATTRIBUTE_NAMES = new Set([
  ...Object.keys(toQueueSettings({}).attributes),
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'LastModifiedTimestamp',
  'Policy',
  'QueueArn',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
]);

function describeQueue(queue: LiveQueue): QueueAttributes {
  const { visible, inFlight, delayed } = queue.counts();
  return {
    ...queue.settings.attributes,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    CreatedTimestamp: toSeconds(queue.record.createdAtMs),
    LastModifiedTimestamp: toSeconds(queue.record.modifiedAtMs),
    QueueArn: queue.arn,
  };
}

function toSeconds(timeMs: number): string {
  return String(Math.floor(timeMs / 1000));
}

function checkQueueName(name: string): void {
  if (name.endsWith('.fifo')) {
    throw new SqsError(
      'UnsupportedOperation',
      `FIFO queues are not supported by this local cloud: "${name}". Use a standard queue, without .fifo.`,
    );
  }
  if (QUEUE_NAME.test(name)) return;
  throw invalidParameter(
    'QueueName',
    name,
    'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
  );
}

function requireSameAttributes({ attributes }: QueueSettings, given: QueueAttributes): void {
  const different = Object.entries(given).find(([name, value]) => (attributes[name] ?? '') !== value);
  if (different === undefined) return;
  throw new SqsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${different[0]}.`,
  );
}

function checkDeadLetterQueue(queues: QueueRegistry, sourceArn: string, changes: QueueAttributes): void {
  const { redrivePolicy } = toQueueSettings(changes);
  if (redrivePolicy === undefined) return;
  const target = queues.findByArn(redrivePolicy.deadLetterTargetArn);
  const refuse = (reason: string) => invalidParameter('RedrivePolicy', changes.RedrivePolicy, reason);
  if (redrivePolicy.deadLetterTargetArn === sourceArn)
    throw refuse('A queue cannot be its own dead letter queue.');
  if (target === undefined) throw refuse('Dead letter target does not exist.');
  if (!allowsRedriveFrom(target.settings, sourceArn)) {
    throw refuse("The dead letter target's RedriveAllowPolicy does not allow this source queue.");
  }
}
