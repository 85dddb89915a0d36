import { fromRow, type Located, type LoggedMessage, type LogRecord } from './log-records.ts';
import type { LogPlace } from './message-log.ts';
import type { Envelope } from './queue-message.ts';

type Numbers = Pick<Envelope, 'seq' | 'batchSeq'>;

/** Messages sent together; their payloads are one line of the log. */
export interface Batch {
  readonly batchSeq: number;
  place: LogPlace;
  /** By position; undefined once a message is gone. */
  readonly messages: (Located | undefined)[];
  left: number;
}

/** Which batches have messages left, and where in the log they are. */
export class LiveBatches {
  readonly #batches = new Map<number, Batch>();
  readonly #bySegment = new Map<number, Set<Batch>>();
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
    return this.#batches.get(batchSeq);
  }

  inSegment(segment: number): readonly Batch[] {
    return [...(this.#bySegment.get(segment) ?? [])];
  }

  messages(): Located[] {
    return [...this.#batches.values()].flatMap(({ messages }) =>
      messages.filter((message) => message !== undefined),
    );
  }

  apply(record: LogRecord, place: LogPlace): void {
    if ('batch' in record) this.put(record.batch, record.messages.map(fromRow), place);
    else if ('moved' in record) for (const row of record.moved) this.update(fromRow(row));
    else if ('gone' in record) for (const [seq, batchSeq] of record.gone) this.remove({ seq, batchSeq });
    else
      for (const [seq, batchSeq, receiveCount, firstAtMs] of record.received) {
        const known = this.#seen({ seq, batchSeq })?.messages[seq - batchSeq];
        if (known === undefined) continue;
        const earlier = { receiveCount, firstReceivedAtMs: firstAtMs ?? undefined };
        const delayedUntilMs = receiveCount > 0 ? 0 : known.message.delayedUntilMs;
        this.update({ ...known, message: { ...known.message, ...earlier, delayedUntilMs } });
      }
  }

  /** Takes the place of what was known of this batch. */
  put(batchSeq: number, messages: readonly Located[], place: LogPlace): void {
    const before = this.#batches.get(batchSeq);
    if (before !== undefined) this.#forget(before);
    const batch: Batch = { batchSeq, place, messages: [], left: messages.length };
    for (const located of messages) {
      this.#see(located.message.seq);
      batch.messages[located.message.seq - batchSeq] = located;
    }
    this.#batches.set(batchSeq, batch);
    this.#bytes += place.bytes;
    const inSegment = this.#bySegment.get(place.segment);
    if (inSegment === undefined) this.#bySegment.set(place.segment, new Set([batch]));
    else inSegment.add(batch);
  }

  update(located: Located): void {
    const { message } = located;
    const batch = this.#seen(message);
    if (batch?.messages[message.seq - message.batchSeq] === undefined) return;
    batch.messages[message.seq - message.batchSeq] = located;
  }

  received(message: LoggedMessage): void {
    const queueUid = this.find(message.batchSeq)?.messages[message.seq - message.batchSeq]?.queueUid;
    if (queueUid !== undefined) this.update({ queueUid, message });
  }

  remove(message: Numbers): void {
    const batch = this.#seen(message);
    const index = message.seq - message.batchSeq;
    if (batch?.messages[index] === undefined) return;
    batch.messages[index] = undefined;
    batch.left--;
    if (batch.left === 0) this.#forget(batch);
  }

  #forget(batch: Batch): void {
    this.#batches.delete(batch.batchSeq);
    this.#bytes -= batch.place.bytes;
    const inSegment = this.#bySegment.get(batch.place.segment);
    inSegment?.delete(batch);
    if (inSegment?.size === 0) this.#bySegment.delete(batch.place.segment);
  }

  #seen({ seq, batchSeq }: Numbers): Batch | undefined {
    this.#see(seq);
    return this.#batches.get(batchSeq);
  }

  #see(seq: number): void {
    if (seq > this.#highestSeq) this.#highestSeq = seq;
  }
}
