import type { LiveQueue } from './live-queue.ts';
import { attributesMd5, type MessagePayload, selectAttributes } from './message-content.ts';
import type { Delivery } from './queue-state.ts';
import { toReceiptHandle } from './receipt-handle.ts';
import { requireQueue, type SqsAction } from './sqs-action.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';
import { readInteger, readStrings } from './sqs-input.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const MESSAGES = { min: 1, max: 10 };
const WAIT_SECONDS = { min: 0, max: 20 };
export const VISIBILITY_SECONDS = { min: 0, max: 43_200 };
const MAX_IN_FLIGHT = 120_000;

const SYSTEM_ATTRIBUTES = new Set([
  'All',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
]);

export const receiveMessage: SqsAction = async (call) => {
  const { input } = call;
  const queue = requireQueue(call);
  const waitSeconds =
    readInteger(input.WaitTimeSeconds, 'WaitTimeSeconds', WAIT_SECONDS) ?? queue.settings.waitSeconds;
  const visibilitySeconds =
    readInteger(input.VisibilityTimeout, 'VisibilityTimeout', VISIBILITY_SECONDS) ??
    queue.settings.visibilityTimeoutSeconds;
  const wanted: Wanted = {
    system: new Set([
      ...readStrings(input.AttributeNames, 'AttributeNames'),
      ...readStrings(input.MessageSystemAttributeNames, 'MessageSystemAttributeNames'),
    ]),
    message: readStrings(input.MessageAttributeNames, 'MessageAttributeNames'),
  };
  for (const name of wanted.system) checkSystemAttribute(name);
  refuseTooManyInFlight(queue);
  const deliveries = await queue.receive({
    maxMessages: readInteger(input.MaxNumberOfMessages, 'MaxNumberOfMessages', MESSAGES) ?? 1,
    visibilityTimeoutMs: visibilitySeconds * 1000,
    waitMs: waitSeconds * 1000,
    caller: call.caller,
  });
  const payloads = queue.payloads(deliveries);
  const Messages = deliveries.flatMap((delivery, index) => {
    const payload = payloads[index];
    return payload === undefined ? [] : [describeMessage(queue, delivery, payload, wanted)];
  });
  if (Messages.length === 0) return { output: {} };
  return { output: { Messages }, undo: () => queue.takeBack(deliveries) };
};

interface Wanted {
  readonly system: ReadonlySet<string>;
  readonly message: readonly string[];
}

function describeMessage(
  queue: LiveQueue,
  delivery: Delivery,
  payload: MessagePayload,
  wanted: Wanted,
): object {
  const system = describeSystemAttributes(queue, delivery, payload, wanted.system);
  const attributes = selectAttributes(payload.attributes, wanted.message);
  return {
    MessageId: delivery.message.id,
    ReceiptHandle: toReceiptHandle(queue, delivery.message, delivery.receiveCount),
    MD5OfBody: payload.bodyMd5,
    Body: payload.body,
    Attributes: system,
    MessageAttributes: attributes,
    MD5OfMessageAttributes: attributes && attributesMd5(attributes),
  };
}

function describeSystemAttributes(
  queue: LiveQueue,
  { message, receiveCount, firstReceivedAtMs }: Delivery,
  { traceHeader }: MessagePayload,
  names: ReadonlySet<string>,
): Record<string, string> | undefined {
  if (names.size === 0) return undefined;
  const all: Record<string, string | undefined> = {
    ApproximateFirstReceiveTimestamp: String(firstReceivedAtMs),
    ApproximateReceiveCount: String(receiveCount),
    AWSTraceHeader: traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
    MessageGroupId: message.groupId,
    SenderId: queue.accountId,
    SentTimestamp: String(message.sentAtMs),
  };
  const asked: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && (names.has('All') || names.has(name))) asked[name] = value;
  }
  return Object.keys(asked).length > 0 ? asked : undefined;
}

function checkSystemAttribute(name: string): void {
  if (SYSTEM_ATTRIBUTES.has(name)) return;
  throw invalidParameter('MessageSystemAttributeNames', name, 'Unknown attribute.');
}

function refuseTooManyInFlight(queue: LiveQueue): void {
  if (queue.counts().inFlight < MAX_IN_FLIGHT) return;
  throw new SqsError('OverLimit', `Too many messages in flight: a queue can have ${MAX_IN_FLIGHT}.`);
}
