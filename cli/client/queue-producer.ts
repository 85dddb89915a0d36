import type { Envelope } from '../../shared/contract/envelope.ts';
import { packBatches } from '../../shared/core/pack-batches.ts';
import { toQueueJson } from '../../shared/core/queue-json.ts';
import { type Pause, pauseFor } from '../pause.ts';

type QueueRequest = Omit<Envelope, 'priority'> & Partial<Pick<Envelope, 'priority'>>;

/** An entry of SendMessageBatch. */
export interface QueueEntry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** Sends ten entries at most, such as by SendMessageBatch of the AWS SDK, and says which were not taken. */
export type QueueSend = (
  entries: readonly QueueEntry[],
) => Promise<{ readonly Failed?: readonly { readonly Id?: string | undefined }[] | undefined }>;

/** Of one SendMessageBatch: SQS’s own. */
const LIMITS = { maxEntries: 10, maxBytes: 1024 * 1024 };
const MOST_TRIES = 5;
const FIRST_PAUSE_MS = 200;

/** Whoever sends a message again, as after a crash, sends the same request: told by its key. */
const withKey = (request: QueueRequest): QueueRequest => ({
  idempotency_key: request.custom_id ?? globalThis.crypto.randomUUID(),
  ...request,
});

const toEntry = (request: QueueRequest, index: number): QueueEntry => ({
  Id: String(index),
  MessageBody: toQueueJson(withKey(request)),
});

const sizeOf = ({ MessageBody }: QueueEntry): number => new TextEncoder().encode(MessageBody).byteLength;

/**
 * Posts requests to the input queue, by tens and by bytes, and tries again what SQS did not take. The key of a request is
 * its `idempotency_key`, else its `custom_id`: the same one sent twice is answered once.
 */
export const sendToQueue = async (
  requests: readonly QueueRequest[],
  send: QueueSend,
  pause: Pause = pauseFor,
): Promise<void> => {
  for (const batch of packBatches(requests.map(toEntry), sizeOf, LIMITS)) {
    let left = batch;
    for (let tries = 1; left.length > 0; tries++) {
      const { Failed = [] } = await send(left);
      const failed = new Set((Failed ?? []).map(({ Id }) => Id));
      left = left.filter(({ Id }) => failed.has(Id));
      if (left.length > 0 && tries >= MOST_TRIES)
        throw new Error(`${left.length} of ${requests.length} requests were not taken by the queue`);
      if (left.length > 0) await pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }
};
