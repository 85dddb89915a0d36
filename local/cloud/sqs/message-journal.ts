import type { CloudDatabase } from '../cloud-database.ts';
import type { WriteOperation } from '../write-queue.ts';
import type { MessagePayload } from './message-content.ts';
import { messageKey, payloadKey, toMessageRecord } from './message-records.ts';
import type { Envelope, QueueMessage } from './queue-message.ts';

/** Bodies kept in memory, in UTF-16 units; what does not fit is read back from disk when it is received. */
const RESIDENT_UNITS = 128 * 1024 * 1024;

/**
 * Everything that outlives the process about messages. A message has two records: its payload, written once
 * under a number of its own, and its state, which moves between queues and is rewritten by each receive.
 * Visibility is not kept: after a restart the processes that held messages are gone, so all are visible.
 */
export class MessageJournal {
  readonly #database: CloudDatabase;
  readonly #resident = new Map<number, MessagePayload>();
  #residentUnits = 0;
  #nextSeq: number;

  constructor(database: CloudDatabase, nextSeq: number) {
    this.#database = database;
    this.#nextSeq = nextSeq;
  }

  takeSeq(): number {
    return this.#nextSeq++;
  }

  sent(
    queueUid: string,
    messages: readonly { envelope: Envelope; payload: MessagePayload }[],
  ): Promise<void> {
    const operations: WriteOperation[] = [];
    for (const { envelope, payload } of messages) {
      this.#keepResident(envelope.seq, payload);
      operations.push(put(payloadKey(envelope.seq), JSON.stringify(payload)));
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
    for (const { seq } of messages) {
      this.#dropResident(seq);
      operations.push({ type: 'del', key: messageKey(queueUid, seq) }, { type: 'del', key: payloadKey(seq) });
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
    const absent = messages.flatMap(({ seq }, index) =>
      payloads[index] === undefined ? [{ seq, index }] : [],
    );
    if (absent.length === 0) return payloads;
    const texts = await this.#database.getMany(absent.map(({ seq }) => payloadKey(seq)));
    absent.forEach(({ index }, position) => {
      const text = texts[position];
      if (text !== undefined) payloads[index] = JSON.parse(text);
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
