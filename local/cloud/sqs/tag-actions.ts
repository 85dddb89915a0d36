import type { QueueTags } from './queue-registry.ts';
import { requireQueue, type SqsAction } from './sqs-action.ts';
import { invalidParameter } from './sqs-error.ts';
import { readStringMap, readStrings } from './sqs-input.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html */
const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

export const tagQueue: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const tags = parseTags({ ...queue.record.tags, ...readStringMap(call.input.Tags, 'Tags') });
  await call.queues.setTags(queue, tags);
  return { output: {} };
};

export const untagQueue: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const gone = new Set(readStrings(call.input.TagKeys, 'TagKeys'));
  const kept = Object.entries(queue.record.tags ?? {}).filter(([key]) => !gone.has(key));
  await call.queues.setTags(queue, Object.fromEntries(kept));
  return { output: {} };
};

export const listQueueTags: SqsAction = (call) => {
  const { tags = {} } = requireQueue(call).record;
  return { output: Object.keys(tags).length > 0 ? { Tags: tags } : {} };
};

export function parseTags(tags: QueueTags): QueueTags {
  const entries = Object.entries(tags);
  if (entries.length > MAX_TAGS) {
    throw invalidParameter('Tags', entries.length, `A queue can have at most ${MAX_TAGS} tags.`);
  }
  for (const [key, value] of entries) {
    if (key.length >= 1 && key.length <= MAX_KEY_LENGTH && value.length <= MAX_VALUE_LENGTH) continue;
    throw invalidParameter(
      'Tags',
      key,
      `A key has 1 to ${MAX_KEY_LENGTH} characters, a value at most ${MAX_VALUE_LENGTH}.`,
    );
  }
  return tags;
}
