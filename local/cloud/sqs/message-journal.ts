import type { CloudDatabase } from '../cloud-database.ts';
import type { WriteOperation } from '../write-queue.ts';
import type { MessagePayload } from './message-content.ts';
import { messageKey, payloadsKey, toMessageRecord } from './message-records.ts';
import type { Envelope, QueueMessage } from './queue-message.ts';

/** Bodies kept in memory, in UTF-16 units; what does not fit is read back from disk when it is received. */
const RESIDENT_UNITS = 128 * 1024 * 1024;

/**
 * Everything that outlives the process about messages. A message has a record of its state, which moves between
 * queues and is rewritten by each receive. What was sent together has one record of its payloads, written once,
 * and removed in the same write as the last of its messages: half the records, at half the cost.
 * Visibility is not kept: after a restart the processes that held messages are gone, so all are visible.
 */
export class MessageJournal {
  readonly #database: CloudDatabase;
  readonly #resident = new Map<number, MessagePayload>();
  /** How many messages of a batch are still there. */
  readonly #left = new Map<number, number>();
  #residentUnits = 0;
  #nextSeq: number;

  constructor(database: CloudDatabase, nextSeq: number) {
    this.#database = database;
    this.#nextSeq = nextSeq;
  }

  /** The first of `count` numbers in a row. */
  takeSeqs(count: number): number {
    const first = this.#nextSeq;
    this.#nextSeq += count;
    return first;
  }

  /** To be called for each message that was there at the start. */
  restored({ batchSeq }: Envelope): void {
    this.#left.set(batchSeq, (this.#left.get(batchSeq) ?? 0) + 1);
  }

  /** `messages` were numbered in a row. */
  sent(
    queueUid: string,
    messages: readonly { envelope: Envelope; payload: MessagePayload }[],
  ): Promise<void> {
    const [first] = messages;
    if (first === undefined) return Promise.resolve();
    const { batchSeq } = first.envelope;
    this.#left.set(batchSeq, messages.length);
    const payloads = messages.map(({ payload }) => payload);
    const operations: WriteOperation[] = [put(payloadsKey(batchSeq), JSON.stringify(payloads))];
    for (const { envelope, payload } of messages) {
      this.#keepResident(envelope.seq, payload);
      operations.push(put(messageKey(queueUid, envelope.seq), toMessageRecord(envelope)));
    }
    return this.#database.write(operations);
  }

  received(queueUid: string, messages: readonly QueueMessage[]): Promise<void> {
    return this.#database.write(
      messages.map((message) => put(messageKey(queueUid, message.seq), toMessageRecord(message))),
    );
  }

  removed(queueUid: string, messages: readonly QueueMessage[]): Promise<void> {
    const operations: WriteOperation[] = [];
    for (const { seq, batchSeq } of messages) {
      this.#dropResident(seq);
      operations.push({ type: 'del', key: messageKey(queueUid, seq) });
      const left = (this.#left.get(batchSeq) ?? 1) - 1;
      if (left > 0) this.#left.set(batchSeq, left);
      else {
        this.#left.delete(batchSeq);
        operations.push({ type: 'del', key: payloadsKey(batchSeq) });
      }
    }
    return this.#database.write(operations);
  }

  moved(
    fromUid: string,
    toUid: string,
    messages: readonly (Envelope & Partial<QueueMessage>)[],
  ): Promise<void> {
    return this.#database.write(
      messages.flatMap((message) => [
        { type: 'del', key: messageKey(fromUid, message.seq) },
        put(messageKey(toUid, message.seq), toMessageRecord(message)),
      ]),
    );
  }

  /** In the order of `messages`; undefined where a message was deleted meanwhile. */
  async payloads(messages: readonly QueueMessage[]): Promise<(MessagePayload | undefined)[]> {
    const payloads = messages.map(({ seq }) => this.#resident.get(seq));
    const absent = messages.flatMap(({ seq, batchSeq }, index) =>
      payloads[index] === undefined ? [{ seq, batchSeq, index }] : [],
    );
    if (absent.length === 0) return payloads;
    const texts = await this.#database.getMany(absent.map(({ batchSeq }) => payloadsKey(batchSeq)));
    absent.forEach(({ seq, batchSeq, index }, position) => {
      const text = texts[position];
      if (text !== undefined) payloads[index] = JSON.parse(text)[seq - batchSeq];
    });
    return payloads;
  }

  #keepResident(seq: number, payload: MessagePayload): void {
    const units = payload.body.length;
    if (this.#residentUnits + units > RESIDENT_UNITS) return;
    this.#resident.set(seq, payload);
    this.#residentUnits += units;
  }

  #dropResident(seq: number): void {
    const payload = this.#resident.get(seq);
    if (payload === undefined) return;
    this.#resident.delete(seq);
    this.#residentUnits -= payload.body.length;
  }
}

function put(key: string, value: string): WriteOperation {
  return { type: 'put', key, value };
}
