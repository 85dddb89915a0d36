import { limit } from '../../shared/contract/limits.ts';
import type { OutgoingMessage, Queues, Receipt, ReceivedMessage } from '../../shared/ports/queues.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  readonly groupId: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sentAtMs: number;
  visibleAtMs: number;
  receipt: string | undefined;
}

export interface MemoryQueues extends Queues {
  /** Bodies of all that is in a queue, hidden ones too. */
  bodies(queue: string): readonly string[];
  /** How many of its messages somebody has received and not given back. */
  hidden(queue: string): number;
  attributes(queue: string): readonly Readonly<Record<string, string>>[];
  groupIds(queue: string): readonly (string | undefined)[];
  /** Delivers everything in a queue once more, as a standard queue may. */
  duplicate(queue: string): void;
  /** From now on a queue refuses the messages for which this answers true. */
  refuse(queue: string, matches: (body: string) => boolean): void;
}

const MOST_MESSAGES = 10;

const bytesOf = ({ body, attributes = {} }: OutgoingMessage): number =>
  Buffer.byteLength(
    `${body}${Object.entries(attributes)
      .map(([name, text]) => `${name}String${text}`)
      .join('')}`,
  );

/** Queues in memory, in virtual time. */
export const createMemoryQueues = (clock: VirtualClock, visibilityMs = 60_000): MemoryQueues => {
  const queues = new Map<string, Message[]>();
  const refusals = new Map<string, (body: string) => boolean>();
  const waiting = new Set<AbortController>();
  let lastId = 0;
  let lastReceipt = 0;

  const messagesOf = (queue: string): Message[] => {
    const known = queues.get(queue) ?? [];
    queues.set(queue, known);
    return known;
  };

  const wakeReceivers = (): void => {
    for (const receiver of waiting) receiver.abort();
    waiting.clear();
  };

  const add = (
    queue: string,
    { body, groupId, delaySeconds = 0, attributes = {} }: OutgoingMessage,
  ): void => {
    lastId += 1;
    messagesOf(queue).push({
      id: `message-${lastId}`,
      body,
      groupId,
      attributes,
      sentAtMs: clock.nowMs(),
      visibleAtMs: clock.monotonicMs() + delaySeconds * 1000,
      receipt: undefined,
    });
  };

  const take = (queue: string, max: number): readonly ReceivedMessage[] => {
    const nowMs = clock.monotonicMs();
    const visible = messagesOf(queue).filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
    return visible.slice(0, Math.min(max, MOST_MESSAGES)).map((message) => {
      lastReceipt += 1;
      const receipt = `receipt-${lastReceipt}`;
      message.receipt = receipt;
      message.visibleAtMs = nowMs + visibilityMs;
      const { id, body, sentAtMs, groupId } = message;
      return { id, receipt, body, sentAtMs, ...(groupId === undefined ? {} : { groupId }) };
    });
  };

  const untilSomethingIsVisible = async (queue: string, atMostMs: number): Promise<void> => {
    const nextMs = Math.min(...messagesOf(queue).map(({ visibleAtMs }) => visibleAtMs - clock.monotonicMs()));
    const receiver = new AbortController();
    waiting.add(receiver);
    await clock.sleep(Math.min(atMostMs, nextMs), receiver.signal);
    waiting.delete(receiver);
  };

  const find = ({ queue, receipt }: Receipt): Message | undefined =>
    messagesOf(queue).find((message) => message.receipt === receipt);

  return {
    send: async (queue, messages) => {
      const failed = new Set<number>();
      for (const [index, message] of messages.entries()) {
        const tooLarge = bytesOf(message) > limit('queue_message_bytes');
        if (tooLarge || refusals.get(queue)?.(message.body) === true) failed.add(index);
        else add(queue, message);
      }
      wakeReceivers();
      return failed;
    },
    receive: async (queue, { max, waitSeconds }) => {
      const untilMs = clock.monotonicMs() + waitSeconds * 1000;
      for (;;) {
        const messages = take(queue, max);
        const leftMs = untilMs - clock.monotonicMs();
        if (messages.length > 0 || leftMs <= 0) return messages;
        await untilSomethingIsVisible(queue, leftMs);
      }
    },
    remove: async (receipts) => {
      for (const receipt of receipts) {
        const found = find(receipt);
        if (found !== undefined)
          messagesOf(receipt.queue).splice(messagesOf(receipt.queue).indexOf(found), 1);
      }
    },
    setVisibility: async (receipts, seconds) => {
      const nowMs = clock.monotonicMs();
      for (const receipt of receipts) {
        const found = find(receipt);
        // Only what is in flight: a message that is visible again belongs to nobody.
        if (found !== undefined && found.visibleAtMs > nowMs) found.visibleAtMs = nowMs + seconds * 1000;
      }
      wakeReceivers();
    },
    depth: async (queue, which = 'visible') =>
      messagesOf(queue).filter(({ visibleAtMs }) => which === 'all' || visibleAtMs <= clock.monotonicMs())
        .length,
    bodies: (queue) => messagesOf(queue).map(({ body }) => body),
    hidden: (queue) =>
      messagesOf(queue).filter(({ visibleAtMs }) => visibleAtMs > clock.monotonicMs()).length,
    attributes: (queue) => messagesOf(queue).map(({ attributes }) => attributes),
    groupIds: (queue) => messagesOf(queue).map(({ groupId }) => groupId),
    duplicate: (queue) => {
      for (const message of [...messagesOf(queue)])
        add(queue, {
          body: message.body,
          ...(message.groupId === undefined ? {} : { groupId: message.groupId }),
        });
      wakeReceivers();
    },
    refuse: (queue, matches) => {
      refusals.set(queue, matches);
    },
  };
};
