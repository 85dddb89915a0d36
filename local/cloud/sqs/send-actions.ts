import { describeBatch, readBatch, sortBatch } from './batch.ts';
import type { LiveQueue, NewMessage } from './live-queue.ts';
import { attributesMd5, type MessagePayload, parsePayload, payloadBytes } from './message-content.ts';
import { requireQueue, type SqsAction } from './sqs-action.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';
import { readInteger, readString, type SqsInput } from './sqs-input.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MAX_BATCH_BYTES = 1_048_576;
const DELAY_SECONDS = { min: 0, max: 900 };
const GROUP_ID = /^[!-~]{1,128}$/;

export const sendMessage: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const message = parseMessage(call.input);
  refuseTooLong(queue, payloadBytes(message.payload));
  const [id] = await queue.send([message]);
  return { output: describeSent(undefined, id, message.payload) };
};

export const sendMessageBatch: SqsAction = async (call) => {
  const queue = requireQueue(call);
  let totalBytes = 0;
  const { valid, failures } = sortBatch(readBatch(call.input), (entry) => {
    const message = parseMessage(entry);
    const bytes = payloadBytes(message.payload);
    totalBytes += bytes;
    refuseTooLong(queue, bytes);
    return message;
  });
  refuseTooLongBatch(totalBytes);
  const ids = await queue.send(valid.map(({ input }) => input));
  const successful = valid.map(({ id, input: { payload } }, index) => describeSent(id, ids[index], payload));
  return { output: describeBatch(successful, failures) };
};

function parseMessage(input: SqsInput): NewMessage {
  if (input.MessageDeduplicationId !== undefined) {
    throw invalidParameter(
      'MessageDeduplicationId',
      input.MessageDeduplicationId,
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
  const groupId = readString(input.MessageGroupId, 'MessageGroupId');
  if (groupId !== undefined && !GROUP_ID.test(groupId)) {
    throw invalidParameter(
      'MessageGroupId',
      groupId,
      'Must be 1 to 128 alphanumeric or punctuation characters.',
    );
  }
  const delaySeconds = readInteger(input.DelaySeconds, 'DelaySeconds', DELAY_SECONDS);
  return {
    payload: parsePayload(input),
    groupId,
    delayMs: delaySeconds === undefined ? undefined : delaySeconds * 1000,
  };
}

function refuseTooLong({ settings }: LiveQueue, bytes: number): void {
  if (bytes <= settings.maximumMessageBytes) return;
  throw new SqsError(
    'InvalidParameterValueException',
    `One or more parameters are invalid. Reason: Message must be shorter than ${settings.maximumMessageBytes} bytes.`,
  );
}

function refuseTooLongBatch(totalBytes: number): void {
  if (totalBytes <= MAX_BATCH_BYTES) return;
  throw new SqsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${totalBytes} bytes.`,
  );
}

function describeSent(
  entryId: string | undefined,
  messageId: string | undefined,
  { bodyMd5, attributes }: MessagePayload,
): object {
  return {
    Id: entryId,
    MessageId: messageId,
    MD5OfMessageBody: bodyMd5,
    MD5OfMessageAttributes: attributes && attributesMd5(attributes),
  };
}
