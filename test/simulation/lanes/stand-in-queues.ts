import type { FairnessMode } from '../../../local/cloud/sqs/fair-order.ts';
import { createMessage, type QueueMessage } from '../../../local/cloud/sqs/queue-message.ts';
import { QueueState } from '../../../local/cloud/sqs/queue-state.ts';
import type { OutgoingMessage, Queues, Receipt, ReceivedMessage } from '../../../shared/ports/queues.ts';
import type { VirtualClock } from '../../fakes/virtual-clock.ts';

interface Kept {
  readonly message: QueueMessage;
  readonly body: string;
  /** Of its last receive. */
  receipt: string;
}

interface StandInQueue {
  readonly state: QueueState;
  readonly kept: Map<string, Kept>;
  /** Receives that wait for a message. */
  readonly waiting: Set<AbortController>;
}

export interface StandInQueues extends Queues {
  /** Receives and changes of visibility, as SQS would charge them: a call for every ten. */
  calls(): number;
}

/** About what a call of SQS takes within a region. */
const CALL_MS = 15;
const VISIBILITY_MS = 60_000;
const RETENTION_MS = 14 * 86_400_000;

/** The embedded cloud's own queues, order of groups included, behind the port and in virtual time. */
export const createStandInQueues = (clock: VirtualClock, fairness: FairnessMode): StandInQueues => {
  const queues = new Map<string, StandInQueue>();
  let lastSeq = 0;
  let calls = 0;

  const queueOf = (name: string): StandInQueue => {
    const known = queues.get(name);
    const queue = known ?? { state: new QueueState(fairness), kept: new Map(), waiting: new Set() };
    queues.set(name, queue);
    queue.state.advance(clock.nowMs(), RETENTION_MS);
    return queue;
  };

  const add = ({ state, kept }: StandInQueue, queueUid: string, outgoing: OutgoingMessage): void => {
    lastSeq += 1;
    const nowMs = clock.nowMs();
    const { groupId, delaySeconds = 0, body } = outgoing;
    const message = createMessage({
      queueUid,
      seq: lastSeq,
      batchSeq: lastSeq,
      id: `message-${lastSeq}`,
      sentAtMs: nowMs,
      delayedUntilMs: delaySeconds === 0 ? 0 : nowMs + delaySeconds * 1000,
      groupId,
      deadLetterSourceArn: undefined,
    });
    kept.set(message.id, { message, body, receipt: '' });
    state.add(message, nowMs);
  };

  const take = ({ state, kept }: StandInQueue, maxMessages: number): readonly ReceivedMessage[] => {
    const { received } = state.receive({
      nowMs: clock.nowMs(),
      maxMessages,
      visibilityTimeoutMs: VISIBILITY_MS,
      maxReceiveCount: Number.POSITIVE_INFINITY,
    });
    return received.flatMap(({ message, receiveCount }) => {
      const found = kept.get(message.id);
      if (found === undefined) return [];
      found.receipt = `${message.id} ${receiveCount}`;
      const { id, seq, groupId = '' } = message;
      // Ten sends a millisecond, so that a load has an order though it is sent in no time.
      const sentAtMs = message.sentAtMs + Math.floor(seq / 10);
      return [{ id, receipt: found.receipt, body: found.body, sentAtMs, groupId }];
    });
  };

  const wake = (name: string): void => {
    const { waiting } = queueOf(name);
    for (const receiver of waiting) receiver.abort();
    waiting.clear();
  };

  /** Until there may be one, by a send or by time alone. */
  const untilVisible = async ({ state, waiting }: StandInQueue, untilMs: number): Promise<void> => {
    const receiver = new AbortController();
    waiting.add(receiver);
    const nextMs = (state.nextVisibleAtMs() ?? Number.POSITIVE_INFINITY) - clock.nowMs();
    await clock.sleep(Math.min(untilMs - clock.monotonicMs(), Math.max(1, nextMs)), receiver.signal);
    waiting.delete(receiver);
  };

  const find = ({ queue, receipt }: Receipt): Kept | undefined => {
    const kept = queueOf(queue).kept.get(receipt.split(' ')[0] ?? '');
    return kept?.receipt === receipt ? kept : undefined;
  };

  return {
    calls: () => calls,
    send: async (name, messages) => {
      for (const message of messages) add(queueOf(name), name, message);
      wake(name);
      return new Set();
    },
    receive: async (name, { max, waitSeconds }) => {
      calls += 1;
      await clock.sleep(CALL_MS);
      const untilMs = clock.monotonicMs() + waitSeconds * 1000;
      for (;;) {
        const messages = take(queueOf(name), Math.min(10, max));
        if (messages.length > 0 || clock.monotonicMs() >= untilMs) return messages;
        await untilVisible(queueOf(name), untilMs);
      }
    },
    remove: async (receipts) => {
      for (const receipt of receipts) {
        const found = find(receipt);
        if (found === undefined) continue;
        const { state, kept } = queueOf(receipt.queue);
        state.remove(found.message);
        kept.delete(found.message.id);
      }
    },
    setVisibility: async (receipts, seconds) => {
      calls += Math.ceil(receipts.length / 10);
      await clock.sleep(CALL_MS);
      for (const receipt of receipts) {
        const found = find(receipt);
        if (found === undefined) continue;
        queueOf(receipt.queue).state.changeVisibility(found.message, clock.nowMs(), seconds * 1000);
        wake(receipt.queue);
      }
    },
    depth: async (name, which = 'visible') => {
      const { visible, inFlight, delayed } = queueOf(name).state.counts();
      return which === 'visible' ? visible : visible + inFlight + delayed;
    },
  };
};
