/**
 * Where a message stands. Time moves `delayed` and `inFlight` to `visible`; `receive` moves `visible` to
 * `inFlight`; `gone` is final (deleted, expired, purged, or moved to a dead-letter queue).
 */
export type Standing = 'delayed' | 'visible' | 'inFlight' | 'gone';

/** What is fixed when a message is sent. */
export interface Envelope {
  /** Unique in the whole cloud, and never used again while its message exists. */
  readonly seq: number;
  /** The seq of the first message that was sent together with this one: their payloads are one record. */
  readonly batchSeq: number;
  readonly id: string;
  readonly sentAtMs: number;
  readonly delayedUntilMs: number;
  readonly groupId: string | undefined;
  readonly deadLetterSourceArn: string | undefined;
}

export interface QueueMessage extends Envelope {
  standing: Standing;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  /** When a delayed or in-flight message becomes visible. */
  visibleAtMs: number;
  /** Position among the visible messages. */
  place: number;
}
