import type { Envelope, QueueMessage } from './queue-message.ts';

/**
 * Every key that SQS has in the database:
 *
 *   sqs/queue/<name>           a queue: its uid, attributes and times
 *   sqs/message/<uid>/<seq>    a message's state; the uid is the queue's, new with each CreateQueue
 *   sqs/payload/<batch>        the bodies and attributes of messages sent together, until the last of them goes
 *
 * No key or value holds a port or a URL, since both may differ in the next run.
 */
export const QUEUE_PREFIX = 'sqs/queue/';
export const MESSAGE_PREFIX = 'sqs/message/';

export interface QueueRecord {
  readonly uid: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** What a stored message has been through. */
export type Earlier = Pick<QueueMessage, 'receiveCount' | 'firstReceivedAtMs'>;

export interface StoredMessage {
  readonly queueUid: string;
  readonly envelope: Envelope;
  readonly earlier?: Earlier;
}

export function queueKey(name: string): string {
  return QUEUE_PREFIX + name;
}

export function messageKey(queueUid: string, seq: number): string {
  return `${MESSAGE_PREFIX}${queueUid}/${sortable(seq)}`;
}

export function payloadsKey(batchSeq: number): string {
  return `sqs/payload/${sortable(batchSeq)}`;
}

export function toMessageRecord(message: Envelope & Partial<QueueMessage>): string {
  return JSON.stringify({
    id: message.id,
    batchSeq: message.batchSeq,
    sentAtMs: message.sentAtMs,
    // What was received once must not be delayed again.
    delayedUntilMs: message.receiveCount ? 0 : message.delayedUntilMs,
    groupId: message.groupId,
    deadLetterSourceArn: message.deadLetterSourceArn,
    receiveCount: message.receiveCount ?? 0,
    firstReceivedAtMs: message.firstReceivedAtMs,
  });
}

export function fromMessageRecord(key: string, value: string): StoredMessage {
  const [queueUid = '', seq = ''] = key.slice(MESSAGE_PREFIX.length).split('/');
  const {
    id,
    batchSeq = Number(seq),
    sentAtMs,
    delayedUntilMs,
    groupId,
    deadLetterSourceArn,
    receiveCount,
    firstReceivedAtMs,
  } = JSON.parse(value);
  return {
    queueUid,
    envelope: { seq: Number(seq), batchSeq, id, sentAtMs, delayedUntilMs, groupId, deadLetterSourceArn },
    earlier: { receiveCount, firstReceivedAtMs },
  };
}

/** LevelDB orders keys as text. */
function sortable(seq: number): string {
  return String(seq).padStart(16, '0');
}
