import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import {
  type EventSourceMapping,
  startEventSourceMapping,
} from '../../../local/lambda/event-source-mapping.ts';
import type { EventSourceMappingOptions } from '../../../local/lambda/event-source-mapping-options.ts';
import { type CloudHarness, createTestQueue, startHarness } from '../cloud/cloud-harness.ts';

let harness: CloudHarness;
let mapping: EventSourceMapping | undefined;
const errors: unknown[] = [];
beforeEach(async () => {
  errors.length = 0;
  harness = await startHarness();
});
afterEach(async () => {
  await mapping?.stop();
  mapping = undefined;
  await harness.stop();
});

function map(
  QueueUrl: string,
  handler: EventSourceMappingOptions['handler'],
  more: Partial<EventSourceMappingOptions> = {},
): void {
  mapping = startEventSourceMapping({
    sqs: harness.sqs,
    queueUrl: QueueUrl,
    queueArn: `arn:aws:sqs:us-east-1:000000000000:${QueueUrl.split('/').at(-1)}`,
    region: 'us-east-1',
    functionName: 'work',
    functionTimeoutSeconds: 30,
    batchSize: 10,
    maximumConcurrency: 2,
    reportBatchItemFailures: true,
    handler,
    onError: (error) => errors.push(error),
    ...more,
  });
}

const send = (QueueUrl: string, MessageBody: string) =>
  harness.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

async function counts(QueueUrl: string): Promise<(string | undefined)[]> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { Attributes = {} } = await harness.sqs.send(command);
  return [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesNotVisible];
}

/** Resolves with the first value that is pushed once the wanted number has come. */
function collector<Value>(): { push: (value: Value) => void; until: (count: number) => Promise<Value[]> } {
  const values: Value[] = [];
  const waiting: (() => void)[] = [];
  return {
    push: (value) => {
      values.push(value);
      for (const look of waiting) look();
    },
    until: (count) =>
      new Promise((resolve) => {
        const look = () => values.length >= count && resolve([...values]);
        waiting.push(look);
        look();
      }),
  };
}

const bodiesOf = ({ Records }: SQSEvent) => Records.map(({ body }) => body);

it('hands out every message once and leaves the queue empty', async () => {
  const QueueUrl = await createTestQueue(harness);
  const seen = collector<string>();
  for (let start = 0; start < 100; start += 10) {
    const Entries = Array.from({ length: 10 }, (_, index) => ({
      Id: `${index}`,
      MessageBody: `m${start + index}`,
    }));
    await harness.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
  map(QueueUrl, async (event) => bodiesOf(event).forEach(seen.push));
  await seen.until(100);
  await mapping?.stop();
  expect(new Set(await seen.until(100)).size).toBe(100);
  expect(await counts(QueueUrl)).toEqual(['0', '0']);
  expect(errors).toEqual([]);
});

it('brings only the failed messages back, and gives them up to the dead letter queue', async () => {
  const dead = await createTestQueue(harness);
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${dead.split('/').at(-1)}`;
  const QueueUrl = await createTestQueue(harness, {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
  });
  const seen = collector<string>();
  map(QueueUrl, async ({ Records }) => {
    for (const { body, attributes } of Records) seen.push(`${body}${attributes.ApproximateReceiveCount}`);
    const failed = Records.filter(({ body }) => body === 'bad');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  await send(QueueUrl, 'good');
  await send(QueueUrl, 'bad');
  expect((await seen.until(3)).sort()).toEqual(['bad1', 'bad2', 'good1']);
  const receive = new ReceiveMessageCommand({ QueueUrl: dead, WaitTimeSeconds: 20 });
  const { Messages = [] } = await harness.sqs.send(receive);
  expect(Messages.map(({ Body }) => Body)).toEqual(['bad']);
  expect(errors).toEqual([]);
});

it('outlives its queue, and goes on when it is there again', async () => {
  const QueueUrl = await createTestQueue(harness, {}, 'comes-and-goes');
  const seen = collector<string>();
  const failed = collector<unknown>();
  map(QueueUrl, async (event) => bodiesOf(event).forEach(seen.push), { onError: failed.push });
  await send(QueueUrl, 'before');
  await seen.until(1);
  while ((await counts(QueueUrl)).join() !== '0,0');
  await harness.sqs.send(new DeleteQueueCommand({ QueueUrl }));
  expect((await failed.until(1))[0]).toMatchObject({ name: 'QueueDoesNotExist' });
  await createTestQueue(harness, {}, 'comes-and-goes');
  await send(QueueUrl, 'after');
  expect(await seen.until(2)).toEqual(['before', 'after']);
});

it('says what it could not delete when its queue went under a running function', async () => {
  const QueueUrl = await createTestQueue(harness);
  const failed = collector<unknown>();
  map(QueueUrl, async () => void (await harness.sqs.send(new DeleteQueueCommand({ QueueUrl }))), {
    onError: failed.push,
  });
  await send(QueueUrl, 'a');
  const told = (await failed.until(2)).map(String);
  expect(told).toContainEqual(expect.stringMatching(/could not delete 1 handled messages/));
});
