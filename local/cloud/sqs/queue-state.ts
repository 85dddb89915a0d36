import { type FairnessMode, FairOrder } from './fair-order.ts';
import { LazyHeap } from './lazy-heap.ts';
import type { QueueMessage, Standing } from './queue-message.ts';

export interface ReceiveOptions {
  readonly nowMs: number;
  readonly maxMessages: number;
  readonly visibilityTimeoutMs: number;
  /** A message received this often is exhausted instead of received again. */
  readonly maxReceiveCount: number;
}

/** One receive of one message; the message itself may be received again while this one is being answered. */
export interface Delivery {
  readonly message: QueueMessage;
  readonly receiveCount: number;
  readonly firstReceivedAtMs: number;
}

export interface Receipt {
  readonly received: Delivery[];
  /** Taken out of the queue; the caller owes them a place in the dead-letter queue. */
  readonly exhausted: QueueMessage[];
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

interface Deadline {
  readonly atMs: number;
  readonly message: QueueMessage;
}

/** SQS moves a message received more often than this to the back of a standard queue. */
const RECEIVES_IN_PLACE = 3;

/**
 * A dead letter stays where it lies, though its count goes on: queues that are each other's dead-letter queue would
 * hand it to and fro without end.
 */
const isExhausted = (message: QueueMessage, maxReceiveCount: number): boolean =>
  message.deadLetterSourceArn === undefined && message.receiveCount >= maxReceiveCount;

/** One standard queue, without bodies, clock or storage. Nothing here looks at more messages than it touches. */
export class QueueState {
  #length = 0;
  #inFlight = 0;
  #delayed = 0;
  #nextPlace = 0;

  readonly #visible: FairOrder;
  readonly #deadlines = new LazyHeap<Deadline>(
    (a, b) => a.atMs < b.atMs,
    ({ atMs, message }) =>
      message.visibleAtMs === atMs && (message.standing === 'delayed' || message.standing === 'inFlight'),
  );
  readonly #ages = new LazyHeap<QueueMessage>(
    (a, b) => a.sentAtMs < b.sentAtMs,
    (message) => message.standing !== 'gone',
  );

  constructor(fairness: FairnessMode) {
    this.#visible = new FairOrder(fairness);
  }

  set fairness(mode: FairnessMode) {
    this.#visible.mode = mode;
  }

  /** A message that comes from disk or another queue may have been received there. */
  add(message: QueueMessage, nowMs: number): void {
    const delayed = message.delayedUntilMs > nowMs;
    message.place = this.#nextPlace++;
    this.#length++;
    this.#move(message, delayed ? 'delayed' : 'visible');
    this.#ages.push(message);
    if (delayed) this.#showAt(message, message.delayedUntilMs);
  }

  /** Lets time pass: shows what is due, and takes out and returns what is past its retention. */
  advance(nowMs: number, retentionMs: number): QueueMessage[] {
    const expired: QueueMessage[] = [];
    for (let oldest = this.#ages.peek(); oldest !== undefined; oldest = this.#ages.peek()) {
      if (oldest.sentAtMs + retentionMs > nowMs) break;
      this.remove(oldest);
      expired.push(oldest);
    }
    for (let next = this.#deadlines.peek(); next !== undefined; next = this.#deadlines.peek()) {
      if (next.atMs > nowMs) break;
      this.#show(next.message);
    }
    return expired;
  }

  receive(options: ReceiveOptions): Receipt {
    const receipt: Receipt = { received: [], exhausted: [] };
    while (receipt.received.length < options.maxMessages) {
      const message = this.#visible.next();
      if (message === undefined) break;
      if (isExhausted(message, options.maxReceiveCount)) {
        this.remove(message);
        receipt.exhausted.push(message);
        continue;
      }
      const receiveCount = ++message.receiveCount;
      message.firstReceivedAtMs ??= options.nowMs;
      this.#hide(message, options.nowMs + options.visibilityTimeoutMs);
      receipt.received.push({ message, receiveCount, firstReceivedAtMs: message.firstReceivedAtMs });
    }
    return receipt;
  }

  /** Undoes a receive that reached nobody; false when the message has moved on since. */
  takeBack({ message, receiveCount }: Delivery): boolean {
    if (message.standing !== 'inFlight' || message.receiveCount !== receiveCount) return false;
    message.receiveCount--;
    if (message.receiveCount === 0) message.firstReceivedAtMs = undefined;
    this.#show(message);
    return true;
  }

  /** False when the message is not in flight. */
  changeVisibility(message: QueueMessage, nowMs: number, timeoutMs: number): boolean {
    if (message.standing !== 'inFlight') return false;
    if (timeoutMs === 0) this.#show(message);
    else this.#hide(message, nowMs + timeoutMs);
    return true;
  }

  /** The message that would be received next. */
  next(): QueueMessage | undefined {
    return this.#visible.next();
  }

  remove(message: QueueMessage): void {
    this.#move(message, 'gone');
    this.#length--;
  }

  counts(): QueueCounts {
    const inFlight = this.#inFlight;
    const delayed = this.#delayed;
    return { visible: this.#length - inFlight - delayed, inFlight, delayed };
  }

  /** When a message becomes visible by time alone. */
  nextVisibleAtMs(): number | undefined {
    return this.#deadlines.peek()?.atMs;
  }

  all(): QueueMessage[] {
    return this.#ages.all();
  }

  #hide(message: QueueMessage, untilMs: number): void {
    this.#move(message, 'inFlight');
    this.#showAt(message, untilMs);
  }

  #showAt(message: QueueMessage, atMs: number): void {
    message.visibleAtMs = atMs;
    this.#deadlines.push({ atMs, message });
  }

  #show(message: QueueMessage): void {
    if (message.receiveCount > RECEIVES_IN_PLACE) message.place = this.#nextPlace++;
    this.#move(message, 'visible');
  }

  #move(message: QueueMessage, standing: Standing): void {
    const before = message.standing;
    this.#inFlight += Number(standing === 'inFlight') - Number(before === 'inFlight');
    this.#delayed += Number(standing === 'delayed') - Number(before === 'delayed');
    message.standing = standing;
    this.#visible.moved(message, before);
  }
}
