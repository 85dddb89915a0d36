import type { LiveQueue } from './live-queue.ts';
import type { QueueMessage } from './queue-message.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';

/** Enough to tell a message from one that had its number before. */
const ID_DIGITS = 12;

/**
 * A handle names one delivery: queue, message, and which receive of it. Nothing about it is stored, so handles
 * stay good over a restart.
 */
export function toReceiptHandle(queue: LiveQueue, { seq, id }: QueueMessage, receiveCount: number): string {
  return `${queue.uid}.${seq}.${id.slice(-ID_DIGITS)}.${receiveCount}`;
}

/**
 * The message, if the handle is that of its latest receive. A message that is gone, or has been received again
 * since, is undefined: whoever holds it now must not lose it to an earlier holder.
 */
export function findByReceiptHandle(queue: LiveQueue, handle: string): QueueMessage | undefined {
  const message = queue.find(Number.parseInt(handle.slice(queue.uid.length + 1), 10));
  if (message !== undefined && handle === toReceiptHandle(queue, message, message.receiveCount))
    return message;
  if (handle.startsWith(`${queue.uid}.`) && handle.split('.', 5).length === 4) return undefined;
  throw new SqsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

export function requireByReceiptHandle(queue: LiveQueue, handle: string): QueueMessage {
  queue.advance();
  const message = findByReceiptHandle(queue, handle);
  if (message !== undefined) return message;
  throw invalidParameter(
    'ReceiptHandle',
    handle,
    'Message does not exist or is not available for visibility timeout change.',
  );
}
