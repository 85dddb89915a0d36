import { randomUUID } from 'node:crypto';
import type { FairnessMode } from './fair-order.ts';
import { LongPolls, type PollCaller } from './long-polls.ts';
import type { MessagePayload } from './message-content.ts';
import type { MessageJournal } from './message-journal.ts';
import type { QueueRecord } from './message-records.ts';
import { createMessage, type MessageNumbers, type QueueMessage } from './queue-message.ts';
import { type QueueSettings, toQueueSettings } from './queue-settings.ts';
import { type Delivery, type QueueCounts, QueueState } from './queue-state.ts';

export interface LiveQueueOptions {
  readonly name: string;
  readonly arn: string;
  readonly record: QueueRecord;
  /** The record is on disk; messages of a queue that is not there are dropped at the next start. */
  readonly saved: Promise<void>;
  readonly journal: MessageJournal;
  readonly nowMs: () => number;
  readonly fairness: FairnessMode;
  /** Looked up at each move: a dead-letter queue may be created or deleted after its sources. */
  readonly findByArn: (arn: string) => LiveQueue | undefined;
}

export interface NewMessage {
  readonly payload: MessagePayload;
  readonly delayMs: number | undefined;
  readonly groupId: string | undefined;
}

/** What one step of a move task did; `more` says that it may go on. */
export interface Redriven {
  readonly moved: number;
  readonly end: 'more' | 'empty' | { readonly failure: string };
  readonly durable: Promise<void>;
}

export interface ReceiveRequest {
  readonly maxMessages: number;
  readonly visibilityTimeoutMs: number;
  readonly waitMs: number;
  readonly caller: PollCaller;
}

/**
 * A queue at work: its state, the clock, the journal and those who wait. Memory changes at once; the promises
 * resolve when the change is durable, and only then may it be acknowledged.
 */
export class LiveQueue {
  readonly name: string;
  readonly arn: string;
  readonly uid: string;
  readonly #options: LiveQueueOptions;
  readonly #state: QueueState;
  readonly #polls: LongPolls<Delivery>;
  #record: QueueRecord;
  #settings: QueueSettings;
  #isClosed = false;

  constructor(options: LiveQueueOptions) {
    this.name = options.name;
    this.arn = options.arn;
    this.uid = options.record.uid;
    this.#options = options;
    this.#state = new QueueState(options.fairness);
    this.#record = options.record;
    this.#settings = toQueueSettings(options.record.attributes);
    this.#polls = new LongPolls(options.nowMs, () => this.#state.nextVisibleAtMs());
  }

  get accountId(): string {
    return this.arn.split(':')[4] ?? '';
  }

  get record(): QueueRecord {
    return this.#record;
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  set fairness(mode: FairnessMode) {
    this.#state.fairness = mode;
  }

  set record(record: QueueRecord) {
    this.#record = record;
    this.#settings = toQueueSettings(record.attributes);
  }

  restore(message: QueueMessage): void {
    this.#state.add(message, this.#options.nowMs());
  }

  /** Returns the ids in the order of `messages`. */
  async send(messages: readonly NewMessage[]): Promise<string[]> {
    const { journal, saved } = this.#options;
    const stamped = this.#stamp(messages);
    // Nobody is given a message that may turn out not to have been sent.
    await journal.sent(
      stamped,
      messages.map(({ payload }) => payload),
    );
    await saved;
    if (this.#isClosed) await journal.removed(stamped);
    else this.#admit(stamped);
    return stamped.map(({ id }) => id);
  }

  /** Resolves empty when the wait is over or aborted. */
  async receive(request: ReceiveRequest): Promise<Delivery[]> {
    const deliveries = await this.#polls.wait(() => this.#take(request), request.waitMs, request.caller);
    try {
      await this.#journalStates(deliveries);
    } catch (error) {
      for (const delivery of deliveries) this.#state.takeBack(delivery);
      this.#polls.serve();
      throw error;
    }
    return deliveries;
  }

  /** For deliveries whose response never left this machine: as if they had not been received. */
  async takeBack(deliveries: readonly Delivery[]): Promise<void> {
    const durable = this.#journalStates(deliveries.filter((delivery) => this.#state.takeBack(delivery)));
    this.#polls.serve();
    await durable;
  }

  /** Lets time pass: every call but `find` and `remove` does so by itself. */
  advance(): void {
    const expired = this.#state.advance(this.#options.nowMs(), this.#settings.retentionMs);
    if (expired.length > 0) void this.#options.journal.removed(expired);
  }

  find(numbers: MessageNumbers): QueueMessage | undefined {
    const message = this.#options.journal.find(numbers);
    return message?.queueUid === this.uid ? message : undefined;
  }

  remove(messages: readonly QueueMessage[]): Promise<void> {
    const removed: QueueMessage[] = [];
    for (const message of messages) {
      // A batch may name one message twice.
      if (message.standing === 'gone') continue;
      this.#state.remove(message);
      removed.push(message);
    }
    return this.#options.journal.removed(removed);
  }

  purge(): Promise<void> {
    return this.remove(this.#state.all());
  }

  /**
   * Moves visible messages to one queue, or each to where it came from. There they are new: they have another
   * id, start their retention again, and were never received.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
   */
  redrive(maxMessages: number, destinationArn: string | undefined): Redriven {
    this.advance();
    const portions = new Map<LiveQueue, QueueMessage[]>();
    const moved = () => [...portions.values()].reduce((sum, { length }) => sum + length, 0);
    const stop = (end: Redriven['end']): Redriven => {
      const writes = [...portions].map(([target, portion]) => this.#move(portion, target));
      return { moved: moved(), end, durable: Promise.all(writes).then(() => {}) };
    };
    for (let count = 0; count < maxMessages; count++) {
      const message = this.#state.next();
      if (message === undefined) return stop('empty');
      const arn = destinationArn ?? message.deadLetterSourceArn;
      if (arn === undefined) return stop({ failure: 'CouldNotDetermineMessageSource' });
      const target = this.#options.findByArn(arn);
      if (target === undefined) return stop({ failure: 'AWS.SimpleQueueService.NonExistentQueue' });
      this.#state.remove(message);
      const { seq, batchSeq, groupId } = message;
      const fresh = { id: randomUUID(), sentAtMs: this.#options.nowMs(), deadLetterSourceArn: undefined };
      const portion = portions.get(target) ?? [];
      portions.set(target, portion);
      portion.push(
        createMessage({ queueUid: target.uid, seq, batchSeq, groupId, delayedUntilMs: 0, ...fresh }),
      );
    }
    return stop('more');
  }

  payloads(deliveries: readonly Delivery[]): (MessagePayload | undefined)[] {
    return this.#options.journal.payloads(deliveries.map(({ message }) => message));
  }

  /** False when the message is not in flight. */
  changeVisibility(message: QueueMessage, timeoutMs: number): boolean {
    this.advance();
    const changed = this.#state.changeVisibility(message, this.#options.nowMs(), timeoutMs);
    this.#polls.serve();
    return changed;
  }

  counts(): QueueCounts {
    this.advance();
    return this.#state.counts();
  }

  /** Ends the long polls, with nothing received. What is being sent finds the queue gone. */
  close(): void {
    this.#isClosed = true;
    this.#polls.close();
  }

  #stamp(messages: readonly NewMessage[]): QueueMessage[] {
    const sentAtMs = this.#options.nowMs();
    const batchSeq = this.#options.journal.takeSeqs(messages.length);
    // Up to ten are sent together: ids that differ in their last digit cost one draw of randomness.
    const id = randomUUID().slice(0, -1);
    return messages.map(({ delayMs = this.#settings.delayMs, groupId }, index) =>
      createMessage({
        queueUid: this.uid,
        seq: batchSeq + index,
        batchSeq,
        id: id + index,
        sentAtMs,
        delayedUntilMs: delayMs === 0 ? 0 : sentAtMs + delayMs,
        groupId,
        deadLetterSourceArn: undefined,
      }),
    );
  }

  #admit(messages: readonly QueueMessage[]): void {
    const nowMs = this.#options.nowMs();
    for (const message of messages) this.#state.add(message, nowMs);
    this.#polls.serve();
  }

  /** Writing the state of a message that has left the queue meanwhile would bring it back at the next start. */
  #journalStates(deliveries: readonly Delivery[]): Promise<void> {
    const present = deliveries.filter(({ message }) => message.standing !== 'gone');
    return this.#options.journal.received(present.map(({ message }) => message));
  }

  #take({ maxMessages, visibilityTimeoutMs }: ReceiveRequest): Delivery[] {
    this.advance();
    const { redrivePolicy } = this.#settings;
    // Without a place to move them to, messages stay deliverable.
    const target = redrivePolicy && this.#options.findByArn(redrivePolicy.deadLetterTargetArn);
    const { received, exhausted } = this.#state.receive({
      nowMs: this.#options.nowMs(),
      maxMessages,
      visibilityTimeoutMs,
      maxReceiveCount: redrivePolicy && target ? redrivePolicy.maxReceiveCount : Number.POSITIVE_INFINITY,
    });
    if (target && exhausted.length > 0) this.#deadLetter(exhausted, target);
    return received;
  }

  #deadLetter(exhausted: readonly QueueMessage[], target: LiveQueue): void {
    const place = { queueUid: target.uid, delayedUntilMs: 0, deadLetterSourceArn: this.arn };
    const moved = exhausted.map((message) => createMessage({ ...message, ...place }, message));
    void this.#move(moved, target);
  }

  /** The move is one write, so a message is always in exactly one of the two queues. */
  #move(messages: readonly QueueMessage[], target: LiveQueue): Promise<void> {
    const durable = this.#options.journal.moved(messages);
    target.#admit(messages);
    return durable;
  }
}
