import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { limit } from '../contract/limits.ts';
import { groupBy } from '../core/group-by.ts';
import { packBatches } from '../core/pack-batches.ts';
import type { OutgoingMessage, Queues, Receipt, ReceivedMessage } from '../ports/queues.ts';

/** SQS's own: entries of one batch. */
const MAX_ENTRIES = 10;

const VISIBLE = 'ApproximateNumberOfMessages';
/** With what somebody has received, and what was sent for later. */
const DEPTHS = [
  VISIBLE,
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

interface Indexed extends OutgoingMessage {
  readonly index: number;
}

const toMessageAttributes = (attributes: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
  );

/** As SQS counts it: body, and names, types and values of attributes. */
const bytesOf = ({ body, attributes = {} }: OutgoingMessage): number =>
  Object.entries(attributes).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(`${name}String${text}`),
    Buffer.byteLength(body),
  );

export interface SqsQueuesOptions {
  readonly client: SQSClient;
  /** URL of every queue up to its name within the deployment. */
  readonly urlPrefix: string;
}

const toReceived = (message: Message): ReceivedMessage => {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} } = message;
  const { MessageGroupId: groupId, SentTimestamp } = Attributes;
  const sentAtMs = Number(SentTimestamp ?? 0);
  const received = { id: MessageId, receipt: ReceiptHandle, body: Body, sentAtMs };
  return groupId === undefined ? received : { ...received, groupId };
};

const tensOf = <T>(entries: readonly T[]): readonly (readonly T[])[] =>
  packBatches(entries, () => 0, { maxEntries: MAX_ENTRIES, maxBytes: 1 });

export const createSqsQueues = ({ client, urlPrefix }: SqsQueuesOptions): Queues => {
  const urlOf = (queue: string): string => urlPrefix + queue;

  const sendBatch = async (queue: string, batch: readonly Indexed[]): Promise<readonly number[]> => {
    try {
      const { Failed } = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: urlOf(queue),
          Entries: batch.map(({ index, body, groupId, delaySeconds, attributes }) => ({
            Id: String(index),
            MessageBody: body,
            ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
            ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
            ...(attributes === undefined ? {} : { MessageAttributes: toMessageAttributes(attributes) }),
          })),
        }),
      );
      return (Failed ?? []).map(({ Id }) => Number(Id));
    } catch {
      // Whether any of them arrived is unknown; all count as not taken, and a second copy does no harm.
      return batch.map(({ index }) => index);
    }
  };

  const forEachTen = async (
    receipts: readonly Receipt[],
    act: (queueUrl: string, receipts: readonly Receipt[]) => Promise<unknown>,
  ): Promise<void> => {
    const groups = [...groupBy(receipts, ({ queue }) => queue)];
    await Promise.all(
      groups.flatMap(([queue, group]) => tensOf(group).map((batch) => act(urlOf(queue), batch))),
    );
  };

  return {
    send: async (queue, messages) => {
      const indexed = messages.map((message, index) => ({ ...message, index }));
      const batches = packBatches(indexed, bytesOf, {
        maxEntries: MAX_ENTRIES,
        maxBytes: limit('queue_message_bytes'),
      });
      const failed = await Promise.all(batches.map((batch) => sendBatch(queue, batch)));
      return new Set(failed.flat());
    },
    receive: async (queue, { max, waitSeconds }) => {
      const { Messages } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: Math.min(max, MAX_ENTRIES),
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['MessageGroupId', 'SentTimestamp'],
        }),
      );
      return (Messages ?? []).map(toReceived);
    },
    remove: (receipts) =>
      forEachTen(receipts, (QueueUrl, batch) =>
        client.send(
          new DeleteMessageBatchCommand({
            QueueUrl,
            Entries: batch.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt })),
          }),
        ),
      ),
    depth: async (queue, which = 'visible') => {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: urlOf(queue),
          AttributeNames: which === 'all' ? [...DEPTHS] : [VISIBLE],
        }),
      );
      return Object.values(Attributes).reduce((total, count) => total + Number(count), 0);
    },
    setVisibility: (receipts, seconds) =>
      forEachTen(receipts, (QueueUrl, batch) =>
        client.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl,
            Entries: batch.map(({ receipt }, index) => ({
              Id: String(index),
              ReceiptHandle: receipt,
              VisibilityTimeout: seconds,
            })),
          }),
        ),
      ),
  };
};
