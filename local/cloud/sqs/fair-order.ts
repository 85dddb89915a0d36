import { LazyHeap } from './lazy-heap.ts';
import type { QueueMessage, Standing } from './queue-message.ts';

/**
 * Whose message is served next, by MessageGroupId:
 *
 *   off                the oldest, whoever sent it
 *   aws-thresholds     the oldest of the groups that are not noisy, then the oldest of all: fair queues as AWS does them
 *   fewest-in-flight   the oldest of the group with the fewest messages in flight: what AWS's thresholds hide at a
 *                      small scale shows at once
 */
export const FAIRNESS_MODES = ['off', 'aws-thresholds', 'fewest-in-flight'] as const;
export type FairnessMode = (typeof FAIRNESS_MODES)[number];
export const DEFAULT_FAIRNESS: FairnessMode = 'aws-thresholds';

/**
 * A group is noisy when it has both: this many messages in flight, and more than this share of all that are.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
const NOISY_IN_FLIGHT = 30;
const NOISY_SHARE = 0.1;

interface Group {
  /** Undefined for messages sent without a group, which are nobody's noise. */
  readonly id: string | undefined;
  readonly visible: LazyHeap<QueueMessage>;
  inFlight: number;
  /** The only live one among this group's entries in the order. */
  entry: OrderEntry | undefined;
}

interface OrderEntry {
  readonly group: Group;
  readonly headPlace: number;
  readonly inFlight: number;
}

/**
 * The visible messages, by group. An operation touches one group and costs the logarithm of the number of
 * groups: a changed group enters the order anew, and its former entry goes stale.
 */
export class FairOrder {
  readonly #groups = new Map<string | undefined, Group>();
  #mode: FairnessMode;
  #order: LazyHeap<OrderEntry>;
  #inFlight = 0;

  constructor(mode: FairnessMode) {
    this.#mode = mode;
    this.#order = createOrder(mode);
  }

  set mode(mode: FairnessMode) {
    this.#mode = mode;
    this.#order = createOrder(mode);
    for (const group of this.#groups.values()) {
      group.entry = undefined;
      this.#place(group);
    }
  }

  /** To be called after every change of a message's standing, with the one it had. */
  moved(message: QueueMessage, before: Standing): void {
    const group = this.#groupOf(message);
    const change = Number(message.standing === 'inFlight') - Number(before === 'inFlight');
    group.inFlight += change;
    this.#inFlight += change;
    if (message.standing === 'visible') group.visible.push(message);
    const isOrdered = message.standing === 'visible' || before === 'visible';
    if (isOrdered || this.#mode === 'fewest-in-flight') this.#place(group);
    // Groups may be as many as messages, so one that has none left is forgotten.
    if (group.inFlight === 0 && group.entry === undefined) this.#groups.delete(group.id);
  }

  /** The one to serve next. It stays until its standing changes. */
  next(): QueueMessage | undefined {
    const first = this.#order.peek();
    if (first === undefined || this.#mode !== 'aws-thresholds' || !this.#isNoisy(first.group)) {
      return first?.group.visible.peek();
    }
    return this.#nextOfQuiet() ?? first.group.visible.peek();
  }

  /** Fewer than ten groups can have more than a tenth each, so few are set aside. */
  #nextOfQuiet(): QueueMessage | undefined {
    const noisy: OrderEntry[] = [];
    let entry = this.#order.pop();
    for (; entry !== undefined && this.#isNoisy(entry.group); entry = this.#order.pop()) noisy.push(entry);
    if (entry !== undefined) noisy.push(entry);
    for (const aside of noisy) this.#order.push(aside);
    return entry?.group.visible.peek();
  }

  #isNoisy({ id, inFlight }: Group): boolean {
    return id !== undefined && inFlight >= NOISY_IN_FLIGHT && inFlight > NOISY_SHARE * this.#inFlight;
  }

  #groupOf({ groupId }: QueueMessage): Group {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = { id: groupId, visible: createVisible(), inFlight: 0, entry: undefined };
      this.#groups.set(groupId, group);
    }
    return group;
  }

  #place(group: Group): void {
    const head = group.visible.peek();
    if (head === undefined) {
      group.entry = undefined;
      return;
    }
    const { entry } = group;
    const inFlight = this.#mode === 'fewest-in-flight' ? group.inFlight : 0;
    if (entry?.headPlace === head.place && entry.inFlight === inFlight) return;
    group.entry = { group, headPlace: head.place, inFlight };
    this.#order.push(group.entry);
  }
}

function createVisible(): LazyHeap<QueueMessage> {
  return new LazyHeap(
    (a, b) => a.place < b.place,
    (message) => message.standing === 'visible',
  );
}

function createOrder(mode: FairnessMode): LazyHeap<OrderEntry> {
  const isOlder = (a: OrderEntry, b: OrderEntry) => a.headPlace < b.headPlace;
  const isFewer = (a: OrderEntry, b: OrderEntry) =>
    a.inFlight === b.inFlight ? isOlder(a, b) : a.inFlight < b.inFlight;
  return new LazyHeap(
    mode === 'fewest-in-flight' ? isFewer : isOlder,
    (entry) => entry.group.entry === entry,
  );
}
