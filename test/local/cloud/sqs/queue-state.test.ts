import fc from 'fast-check';
import {
  createMessage,
  type Envelope,
  type QueueMessage,
} from '../../../../local/cloud/sqs/queue-message.ts';
import { type Delivery, QueueState } from '../../../../local/cloud/sqs/queue-state.ts';

const RETENTION_MS = 60_000;
const NO_LIMIT = Number.POSITIVE_INFINITY;

function messageOf(seq: number, fields: Partial<Envelope> = {}): QueueMessage {
  return createMessage({
    queueUid: 'q',
    seq,
    batchSeq: seq,
    id: `id-${seq}`,
    sentAtMs: 0,
    delayedUntilMs: 0,
    groupId: undefined,
    deadLetterSourceArn: undefined,
    ...fields,
  });
}

function queueOf(count: number): QueueState {
  const state = new QueueState('aws-thresholds');
  for (let seq = 1; seq <= count; seq++) state.add(messageOf(seq), 0);
  return state;
}

function receive(state: QueueState, nowMs: number, maxMessages = 10, maxReceiveCount = NO_LIMIT): Delivery[] {
  state.advance(nowMs, RETENTION_MS);
  return state.receive({ nowMs, maxMessages, visibilityTimeoutMs: 1_000, maxReceiveCount }).received;
}

function seqs(deliveries: readonly Delivery[]): number[] {
  return deliveries.map(({ message }) => message.seq);
}

test('gives messages in the order they were sent', () => {
  const state = queueOf(5);
  expect(seqs(receive(state, 0, 2))).toEqual([1, 2]);
  expect(seqs(receive(state, 0))).toEqual([3, 4, 5]);
  expect(receive(state, 0)).toEqual([]);
});

test('counts a message as visible from the very millisecond its visibility timeout ends', () => {
  const state = queueOf(1);
  receive(state, 0);
  state.advance(999, RETENTION_MS);
  expect(state.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  state.advance(1_000, RETENTION_MS);
  expect(state.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
});

test('returns a timed-out message to its old place, ahead of those sent after it', () => {
  const state = queueOf(2);
  receive(state, 0, 1);
  expect(seqs(receive(state, 1_000))).toEqual([1, 2]);
});

test('returns a message received more than three times to the back', () => {
  const state = queueOf(2);
  for (let round = 0; round < 3; round++) expect(seqs(receive(state, round * 1_000, 1))).toEqual([1]);
  expect(seqs(receive(state, 3_000, 1))).toEqual([1]);
  expect(seqs(receive(state, 4_000))).toEqual([2, 1]);
});

test('keeps a delayed message back until its time', () => {
  const state = new QueueState('aws-thresholds');
  state.add(messageOf(1, { delayedUntilMs: 500 }), 0);
  expect(receive(state, 499)).toEqual([]);
  expect(state.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
  expect(state.nextVisibleAtMs()).toBe(500);
  expect(seqs(receive(state, 500))).toEqual([1]);
});

test('keeps receive count and first receive over receives', () => {
  const state = queueOf(1);
  expect(receive(state, 7)).toMatchObject([{ receiveCount: 1, firstReceivedAtMs: 7 }]);
  expect(receive(state, 2_000)).toMatchObject([{ receiveCount: 2, firstReceivedAtMs: 7 }]);
});

test('takes a delivery back as if it had never been', () => {
  const state = queueOf(1);
  const [delivery] = receive(state, 7);
  expect(delivery && state.takeBack(delivery)).toBe(true);
  expect(receive(state, 9)).toMatchObject([{ receiveCount: 1, firstReceivedAtMs: 9 }]);
});

test('does not take back what has been received again', () => {
  const state = queueOf(1);
  const [first] = receive(state, 0);
  receive(state, 1_000);
  expect(first && state.takeBack(first)).toBe(false);
  expect(state.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
});

test('moves the end of a visibility timeout, both ways', () => {
  const state = queueOf(2);
  const [longer, shorter] = receive(state, 0).map(({ message }) => message);
  expect(longer && state.changeVisibility(longer, 0, 5_000)).toBe(true);
  expect(shorter && state.changeVisibility(shorter, 0, 100)).toBe(true);
  expect(state.nextVisibleAtMs()).toBe(100);
  expect(seqs(receive(state, 100))).toEqual([2]);
  expect(seqs(receive(state, 1_100))).toEqual([2]);
  expect(seqs(receive(state, 5_000))).toEqual([1, 2]);
});

test('shows a message at once when its visibility is changed to 0', () => {
  const state = queueOf(1);
  const [delivery] = receive(state, 0);
  expect(delivery && state.changeVisibility(delivery.message, 0, 0)).toBe(true);
  expect(seqs(receive(state, 0))).toEqual([1]);
});

test('refuses to change the visibility of a message that is not in flight', () => {
  const state = queueOf(1);
  const [delivery] = receive(state, 0);
  state.advance(1_000, RETENTION_MS);
  expect(delivery && state.changeVisibility(delivery.message, 1_000, 5_000)).toBe(false);
});

test('hands over a message whose receives are used up, instead of giving it once more', () => {
  const state = queueOf(2);
  receive(state, 0, 1, 2);
  receive(state, 1_000, 1, 2);
  state.advance(2_000, RETENTION_MS);
  const { received, exhausted } = state.receive({
    nowMs: 2_000,
    maxMessages: 1,
    visibilityTimeoutMs: 0,
    maxReceiveCount: 2,
  });
  expect(exhausted.map(({ seq }) => seq)).toEqual([1]);
  expect(seqs(received)).toEqual([2]);
  expect(state.all().map(({ seq }) => seq)).toEqual([2]);
});

test('drops what is older than the retention, in flight or not', () => {
  const state = new QueueState('aws-thresholds');
  state.add(messageOf(1, { sentAtMs: 0 }), 0);
  state.add(messageOf(2, { sentAtMs: 10 }), 10);
  receive(state, 20, 1);
  expect(state.advance(RETENTION_MS, RETENTION_MS).map(({ seq }) => seq)).toEqual([1]);
  expect(state.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  expect(state.advance(RETENTION_MS + 10, RETENTION_MS).map(({ seq }) => seq)).toEqual([2]);
});

test('whatever happens, the counts add up and every message is given or gone', () => {
  const step = fc.record({
    act: fc.constantFrom('send', 'receive', 'delete', 'show', 'hide', 'wait'),
    amount: fc.integer({ min: 0, max: 2_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const state = new QueueState('aws-thresholds');
      let nowMs = 0;
      let sent = 0;
      let deleted = 0;
      let held: Delivery[] = [];
      for (const { act, amount } of steps) {
        if (act === 'send')
          state.add(messageOf(++sent, { delayedUntilMs: nowMs + (amount % 3) * 300 }), nowMs);
        if (act === 'wait') nowMs += amount;
        if (act === 'receive') held.push(...receive(state, nowMs, 1 + (amount % 3)));
        const chosen = held[amount % Math.max(held.length, 1)]?.message;
        if (chosen && chosen.standing !== 'gone') {
          if (act === 'delete') {
            state.remove(chosen);
            deleted++;
            held = held.filter(({ message }) => message !== chosen);
          }
          if (act === 'show') state.changeVisibility(chosen, nowMs, 0);
          if (act === 'hide') state.changeVisibility(chosen, nowMs, amount);
        }
        const { visible, inFlight, delayed } = state.counts();
        expect(visible + inFlight + delayed).toBe(sent - deleted);
        expect(Math.min(visible, inFlight, delayed)).toBeGreaterThanOrEqual(0);
      }
      const rest = seqs(receive(state, nowMs + 10_000, 1_000));
      expect(new Set(rest).size).toBe(sent - deleted);
      expect(rest).toHaveLength(sent - deleted);
    }),
  );
});

test('empties a queue of 100,000', () => {
  const state = queueOf(100_000);
  for (let round = 0; round < 10_000; round++) {
    for (const { message } of receive(state, 0)) state.remove(message);
  }
  expect(state.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});
