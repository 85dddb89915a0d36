/**
 * Where a message stands. Time moves `delayed` and `inFlight` to `visible`; `receive` moves `visible` to
 * `inFlight`; `gone` is final (deleted, expired, purged, or moved to a dead-letter queue).
 */
export type Standing = 'delayed' | 'visible' | 'inFlight' | 'gone';

/** What is fixed when a message is sent, or moved to another queue. */
export interface Envelope {
  readonly queueUid: string;
  /** Unique in the whole cloud, and never used again while its message exists. */
  readonly seq: number;
  /** The seq of the first message that was sent together with this one: their payloads are one record. */
  readonly batchSeq: number;
  readonly id: string;
  readonly sentAtMs: number;
  /** 0 for a message that is not delayed. */
  readonly delayedUntilMs: number;
  readonly groupId: string | undefined;
  readonly deadLetterSourceArn: string | undefined;
}

export interface QueueMessage extends Envelope {
  standing: Standing;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  /** When a delayed or in-flight message becomes visible. */
  visibleAtMs: number | undefined;
  /** Position among the visible messages. */
  place: number;
}

/** What finds a message in the log. */
export type MessageNumbers = Pick<Envelope, 'seq' | 'batchSeq'>;

/** What a message has been through. */
export type Earlier = Pick<QueueMessage, 'receiveCount' | 'firstReceivedAtMs'>;

const NEVER_RECEIVED: Earlier = { receiveCount: 0, firstReceivedAtMs: undefined };

/**
 * In no queue yet. Queue and log share this one object, and it is written out, since a copy by spread costs several
 * times as much, here and at every later access.
 */
export function createMessage(envelope: Envelope, earlier: Earlier = NEVER_RECEIVED): QueueMessage {
  return {
    queueUid: envelope.queueUid,
    seq: envelope.seq,
    batchSeq: envelope.batchSeq,
    id: envelope.id,
    sentAtMs: envelope.sentAtMs,
    delayedUntilMs: envelope.delayedUntilMs,
    groupId: envelope.groupId,
    deadLetterSourceArn: envelope.deadLetterSourceArn,
    standing: 'gone',
    receiveCount: earlier.receiveCount,
    firstReceivedAtMs: earlier.firstReceivedAtMs,
    visibleAtMs: undefined,
    place: 0,
  };
}
