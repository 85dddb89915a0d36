import { type LogRecord, toMessages } from './log-records.ts';
import type { LogPlace } from './message-log.ts';
import { createMessage, type MessageNumbers, type QueueMessage } from './queue-message.ts';

/** Messages sent together; their payloads are one line of the log. */
export interface Batch {
  readonly batchSeq: number;
  place: LogPlace;
  /** By position; undefined once a message is gone. */
  readonly messages: (QueueMessage | undefined)[];
  left: number;
}

/** Which batches have messages left, and where in the log they are. */
export class LiveBatches {
  readonly #batches = new Map<number, Batch>();
  /** The last that was looked for: messages that were sent together are mostly spoken of together. */
  #latest: Batch | undefined;
  #bytes = 0;
  #highestSeq = 0;

  /** Of the lines that batches with messages left have in the log. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Higher than any that the log has: an old line must not speak of a new message. */
  get highestSeq(): number {
    return this.#highestSeq;
  }

  find(batchSeq: number): Batch | undefined {
    if (this.#latest?.batchSeq !== batchSeq) this.#latest = this.#batches.get(batchSeq);
    return this.#latest;
  }

  /** Looks at every batch, so it is for the rare moments in which the log begins another segment. */
  inSegment(segment: number): readonly Batch[] {
    return [...this.#batches.values()].filter(({ place }) => place.segment === segment);
  }

  /** Undefined once it is gone. */
  findMessage({ seq, batchSeq }: MessageNumbers): QueueMessage | undefined {
    return this.find(batchSeq)?.messages[seq - batchSeq];
  }

  messages(): QueueMessage[] {
    return [...this.#batches.values()].flatMap(({ messages }) =>
      messages.filter((message) => message !== undefined),
    );
  }

  apply(record: LogRecord, place: LogPlace): void {
    if ('batch' in record) this.put(record.batch, toMessages(record.messages), place);
    else if ('moved' in record) for (const message of toMessages(record.moved)) this.update(message);
    else if ('gone' in record) for (const [seq, batchSeq] of record.gone) this.remove({ seq, batchSeq });
    else
      for (const [seq, batchSeq, receiveCount, firstAtMs] of record.received) {
        const known = this.findMessage({ seq, batchSeq });
        if (known === undefined) continue;
        const delayedUntilMs = receiveCount > 0 ? 0 : known.delayedUntilMs;
        const earlier = { receiveCount, firstReceivedAtMs: firstAtMs ?? undefined };
        this.update(createMessage({ ...known, delayedUntilMs }, earlier));
      }
  }

  /** Takes the place of what was known of this batch. */
  put(batchSeq: number, messages: readonly QueueMessage[], place: LogPlace): void {
    const before = this.find(batchSeq);
    if (before !== undefined) this.#forget(before);
    const batch: Batch = { batchSeq, place, messages: [], left: messages.length };
    for (const message of messages) {
      this.#see(message.seq);
      batch.messages[message.seq - batchSeq] = message;
    }
    this.#batches.set(batchSeq, batch);
    this.#latest = batch;
    this.#bytes += place.bytes;
  }

  update(message: QueueMessage): void {
    const batch = this.#seen(message);
    if (batch?.messages[message.seq - message.batchSeq] === undefined) return;
    batch.messages[message.seq - message.batchSeq] = message;
  }

  /** True when it was the last of its batch. */
  remove(message: MessageNumbers): boolean {
    const batch = this.#seen(message);
    const index = message.seq - message.batchSeq;
    if (batch?.messages[index] === undefined) return false;
    batch.messages[index] = undefined;
    batch.left--;
    if (batch.left > 0) return false;
    this.#forget(batch);
    return true;
  }

  #forget(batch: Batch): void {
    this.#latest = undefined;
    this.#batches.delete(batch.batchSeq);
    this.#bytes -= batch.place.bytes;
  }

  #seen({ seq, batchSeq }: MessageNumbers): Batch | undefined {
    this.#see(seq);
    return this.find(batchSeq);
  }

  #see(seq: number): void {
    if (seq > this.#highestSeq) this.#highestSeq = seq;
  }
}
