import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** Long enough to copy what was received; it is shown again by itself if the cloud goes meanwhile. */
const HOLD_SECONDS = 5;

const copiesOf = (messages: readonly Message[]) =>
  [...messages].reverse().map(({ Body, Attributes }, index) => ({
    Id: String(index),
    MessageBody: Body ?? '',
    ...(Attributes?.MessageGroupId === undefined ? {} : { MessageGroupId: Attributes.MessageGroupId }),
  }));

/** What at-least-once delivery may do: the same messages once more, and all of them in another order. */
export const redeliver = async (sqs: SQSClient, queueUrl: string): Promise<number> => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 0,
      VisibilityTimeout: HOLD_SECONDS,
      MessageSystemAttributeNames: ['MessageGroupId'],
    }),
  );
  // Ten large ones together may be more than a batch may hold: they are only put in another order.
  const bytes = Messages.reduce((sum, { Body = '' }) => sum + Body.length, 0);
  if (Messages.length === 0) return 0;
  if (bytes < 500_000)
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: copiesOf(Messages) }));
  await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl: queueUrl,
      Entries: [...Messages].reverse().map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: 0,
      })),
    }),
  );
  return Messages.length;
};
