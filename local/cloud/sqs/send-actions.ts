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
const FIFO_FIELDS = ['MessageDeduplicationId'];

export const sendMessage: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const message = requireSize(queue, parseMessage(call.input));
  const [id] = await queue.send([message]);
  return { output: describeSent(id, message.payload) };
};

export const sendMessageBatch: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const parsed = sortBatch(readBatch(call.input), parseMessage);
  refuseTooLong(parsed.valid.map(({ input }) => input));
  const { valid, failures } = sortBatch(parsed.valid, (message) => requireSize(queue, message));
  const ids = await queue.send(valid.map(({ input }) => input));
  const successful = valid.map(({ id, input }, index) => ({
    Id: id,
    ...describeSent(ids[index], input.payload),
  }));
  return { output: describeBatch(successful, [...parsed.failures, ...failures]) };
};

function parseMessage(input: SqsInput): NewMessage {
  for (const name of FIFO_FIELDS) {
    if (input[name] === undefined) continue;
    throw invalidParameter(
      name,
      input[name],
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
  const groupId = readString(input, 'MessageGroupId');
  if (groupId !== undefined && !GROUP_ID.test(groupId)) {
    throw invalidParameter(
      'MessageGroupId',
      groupId,
      'Must be 1 to 128 alphanumeric or punctuation characters.',
    );
  }
  const delaySeconds = readInteger(input, 'DelaySeconds', DELAY_SECONDS);
  return {
    payload: parsePayload(input),
    groupId,
    delayMs: delaySeconds === undefined ? undefined : delaySeconds * 1000,
  };
}

function requireSize({ settings }: LiveQueue, message: NewMessage): NewMessage {
  if (payloadBytes(message.payload) <= settings.maximumMessageBytes) return message;
  throw new SqsError(
    'InvalidParameterValueException',
    `One or more parameters are invalid. Reason: Message must be shorter than ${settings.maximumMessageBytes} bytes.`,
  );
}

function refuseTooLong(messages: readonly NewMessage[]): void {
  const totalBytes = messages.reduce((sum, { payload }) => sum + payloadBytes(payload), 0);
  if (totalBytes <= MAX_BATCH_BYTES) return;
  throw new SqsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${totalBytes} bytes.`,
  );
}

function describeSent(id: string | undefined, { bodyMd5, attributes }: MessagePayload): object {
  return {
    MessageId: id,
    MD5OfMessageBody: bodyMd5,
    ...(attributes && { MD5OfMessageAttributes: attributesMd5(attributes) }),
  };
}
