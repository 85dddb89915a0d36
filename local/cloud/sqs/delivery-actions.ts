import { describeBatch, readBatch, sortBatch } from './batch.ts';
import type { LiveQueue } from './live-queue.ts';
import { findByReceiptHandle, requireByReceiptHandle } from './receipt-handle.ts';
import { VISIBILITY_SECONDS } from './receive-actions.ts';
import { requireQueue, type SqsAction } from './sqs-action.ts';
import { missingParameter, SqsError } from './sqs-error.ts';
import { readInteger, requireString, type SqsInput } from './sqs-input.ts';

/** A message that is gone already, or belongs to a later receive, is left alone, and that is no error. */
export const deleteMessage: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const message = findByReceiptHandle(queue, requireString(call.input.ReceiptHandle, 'ReceiptHandle'));
  await queue.remove(message ? [message] : []);
  return { output: {} };
};

export const deleteMessageBatch: SqsAction = async (call) => {
  const queue = requireQueue(call);
  const { valid, failures } = sortBatch(readBatch(call.input), (entry) =>
    findByReceiptHandle(queue, requireString(entry.ReceiptHandle, 'ReceiptHandle')),
  );
  await queue.remove(valid.map(({ input }) => input).filter((message) => message !== undefined));
  return {
    output: describeBatch(
      valid.map(({ id }) => ({ Id: id })),
      failures,
    ),
  };
};

export const changeMessageVisibility: SqsAction = (call) => {
  changeOne(requireQueue(call), call.input);
  return { output: {} };
};

export const changeMessageVisibilityBatch: SqsAction = (call) => {
  const queue = requireQueue(call);
  const { valid, failures } = sortBatch(readBatch(call.input), (entry) => changeOne(queue, entry));
  return {
    output: describeBatch(
      valid.map(({ id }) => ({ Id: id })),
      failures,
    ),
  };
};

function changeOne(queue: LiveQueue, input: SqsInput): void {
  const handle = requireString(input.ReceiptHandle, 'ReceiptHandle');
  const seconds = readInteger(input.VisibilityTimeout, 'VisibilityTimeout', VISIBILITY_SECONDS);
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  const message = requireByReceiptHandle(queue, handle);
  if (queue.changeVisibility(message, seconds * 1000)) return;
  throw new SqsError('MessageNotInflight', 'The specified message is not in flight.');
}
