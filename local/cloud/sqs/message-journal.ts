import { warn } from '../warn.ts';
import { DamagedLogError } from './damaged-log-error.ts';
import { type Batch, LiveBatches } from './live-batches.ts';
import { batchLine, goneLine, movedLine, parseLine, payloadsOf, receivedLine } from './log-records.ts';
import type { MessagePayload } from './message-content.ts';
import { MessageLog, type WriteBytes } from './message-log.ts';
import type { MessageNumbers, QueueMessage } from './queue-message.ts';
import { ResidentPayloads } from './resident-payloads.ts';

const SEGMENT_BYTES = 4 * 1024 * 1024;
/** Segments that may be there whatever is in them. */
const SPARE_SEGMENTS = 4;

export interface JournalLimits {
  readonly segmentBytes?: number;
  readonly residentUnits?: number;
  readonly write?: WriteBytes;
}

/**
 * Everything that outlives the process about messages. Visibility is not kept: after a restart the processes
 * that held messages are gone, so all are visible.
 *
 * The log stays about twice as long as what is alive in it: segments that have nothing alive are removed, the
 * oldest first, so a line that ends a message goes no sooner than the one that began it. What is still alive in
 * the oldest one is written anew before that goes. A process that dies in between leaves it twice, and the later
 * one wins.
 */
export class MessageJournal {
  readonly #batches = new LiveBatches();
  readonly #resident: ResidentPayloads;
  readonly #log: MessageLog;
  readonly #segmentBytes: number;
  #nextSeq: number;
  #isClosed = false;

  constructor(directory: string, { segmentBytes = SEGMENT_BYTES, residentUnits, write }: JournalLimits = {}) {
    this.#segmentBytes = segmentBytes;
    this.#resident = new ResidentPayloads(residentUnits);
    this.#log = new MessageLog({ directory, segmentBytes, write }, (line, place) =>
      this.#batches.apply(parseLine(line), place),
    );
    this.#nextSeq = this.#batches.highestSeq + 1;
    this.#log.onRolled = () => setImmediate(() => this.#compact());
    this.#compact();
  }

  /** In the order of their sending. */
  messages(): QueueMessage[] {
    return this.#batches.messages().sort((a, b) => a.seq - b.seq);
  }

  /** The first of `count` numbers in a row. */
  takeSeqs(count: number): number {
    const first = this.#nextSeq;
    this.#nextSeq += count;
    return first;
  }

  /** `messages` were numbered in a row. They are not there yet, and never are when the promise rejects. */
  async sent(messages: readonly QueueMessage[], payloads: readonly MessagePayload[]): Promise<void> {
    const [first] = messages;
    if (first === undefined) return;
    const { batchSeq } = first;
    this.#resident.keep(batchSeq, payloads);
    const { place, durable } = this.#log.append(batchLine(batchSeq, messages, payloads));
    this.#batches.put(batchSeq, messages, place);
    try {
      await durable;
    } catch (error) {
      for (const message of messages) this.#forget(message);
      throw error;
    }
  }

  received(messages: readonly QueueMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    for (const message of messages) this.#batches.update(message);
    return this.#log.append(receivedLine(messages)).durable;
  }

  removed(messages: readonly MessageNumbers[]): Promise<void> {
    // Who deletes again what could not be deleted durably must not be told that it is gone before that is so.
    if (messages.length === 0) return this.#log.settled();
    for (const message of messages) this.#forget(message);
    return this.#log.append(goneLine(messages), { isOwed: true }).durable;
  }

  moved(messages: readonly QueueMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    for (const message of messages) this.#batches.update(message);
    return this.#log.append(movedLine(messages), { isOwed: true }).durable;
  }

  /** The very message that was sent or moved; undefined once it is gone. */
  find(numbers: MessageNumbers): QueueMessage | undefined {
    return this.#batches.findMessage(numbers);
  }

  /** In the order of `messages`; undefined where a message was deleted meanwhile. */
  payloads(messages: readonly MessageNumbers[]): (MessagePayload | undefined)[] {
    const read = new Map<number, readonly (MessagePayload | undefined)[]>();
    return messages.map((message) => {
      const { seq, batchSeq } = message;
      const batch = this.#batches.find(batchSeq);
      if (batch?.messages[seq - batchSeq] === undefined) return undefined;
      const payloads = this.#resident.get(batchSeq) ?? read.get(batchSeq) ?? this.#read(batch);
      read.set(batchSeq, payloads);
      return payloads[seq - batchSeq];
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#log.close();
  }

  #forget(message: MessageNumbers): void {
    if (this.#batches.remove(message)) this.#resident.drop(message.batchSeq);
  }

  #read({ batchSeq, place }: Batch): (MessagePayload | undefined)[] {
    const line = this.#log.read(place);
    const payloads = line === undefined ? undefined : payloadsOf(batchSeq, line);
    if (payloads !== undefined) return payloads;
    throw new DamagedLogError(
      `${place.segment}.log has bytes at ${place.offset} that were not written so, where messages should be`,
    );
  }

  #compact(): void {
    if (this.#isClosed) return;
    try {
      this.#dropEmpty();
      const allowed = SPARE_SEGMENTS + (2 * this.#batches.bytes) / this.#segmentBytes;
      if (this.#log.segments.length <= allowed) return;
      if (this.#carryOldest()) this.#dropEmpty();
    } catch (error) {
      // Nothing is lost: what could not be read, written or removed now is tried again with the next segment.
      warn(error);
    }
  }

  #dropEmpty(): void {
    const { segments } = this.#log;
    while (segments.length > 1 && this.#batches.inSegment(segments[0] ?? 0).length === 0) {
      this.#log.dropOldest();
    }
  }

  /** False when it could not be written. */
  #carryOldest(): boolean {
    const carried = this.#batches.inSegment(this.#log.segments[0] ?? 0).map((batch) => {
      const left = batch.messages.filter((message) => message !== undefined);
      const payloads = this.#read(batch).map((payload, index) => batch.messages[index] && payload);
      return { batch, left, line: batchLine(batch.batchSeq, left, payloads) };
    });
    const places = carried.map(({ line }) => this.#log.append(line).place);
    if (!this.#log.flush()) return false;
    carried.forEach(({ batch, left }, index) => {
      const place = places[index];
      if (place !== undefined) this.#batches.put(batch.batchSeq, left, place);
    });
    return true;
  }
}
