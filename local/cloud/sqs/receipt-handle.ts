import type { LiveQueue } from './live-queue.ts';
import type { QueueMessage } from './queue-message.ts';
import type { Delivery } from './queue-state.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';

/**
 * A handle names one delivery: queue, message, and which receive of it. Nothing about it is stored, so handles
 * stay good over a restart.
 */
export function toReceiptHandle(queue: LiveQueue, { message, receiveCount }: Delivery): string {
  return `${queue.uid}.${message.seq}.${message.id}.${receiveCount}`;
}

/**
 * The message, if the handle is that of its latest receive. A message that is gone, or has been received again
 * since, is undefined: whoever holds it now must not lose it to an earlier holder.
 */
export function findByReceiptHandle(queue: LiveQueue, handle: string): QueueMessage | undefined {
  const parts = handle.split('.', 5);
  if (parts[0] !== queue.uid || parts.length !== 4) {
    throw new SqsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${handle}" is not a valid receipt handle.`,
    );
  }
  const message = queue.find(Number(parts[1]));
  return message?.id === parts[2] && message?.receiveCount === Number(parts[3]) ? message : undefined;
}

export function requireByReceiptHandle(queue: LiveQueue, handle: string): QueueMessage {
  const message = findByReceiptHandle(queue, handle);
  if (message !== undefined) return message;
  throw invalidParameter(
    'ReceiptHandle',
    handle,
    'Message does not exist or is not available for visibility timeout change.',
  );
}
