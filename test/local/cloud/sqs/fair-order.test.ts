import fc from 'fast-check';
import { FAIRNESS_MODES, type FairnessMode } from '../../../../local/cloud/sqs/fair-order.ts';
import { createMessage, type QueueMessage } from '../../../../local/cloud/sqs/queue-message.ts';
import { QueueState } from '../../../../local/cloud/sqs/queue-state.ts';

const RETENTION_MS = 1_000_000;
const ALL = Number.MAX_SAFE_INTEGER;

/** `groups` holds the group of each message, in the order of sending; '-' is none. */
function queueOf(mode: FairnessMode, groups: readonly string[]): QueueState {
  const state = new QueueState(mode);
  groups.forEach((group, index) => {
    send(state, index + 1, group);
  });
  return state;
}

function send(state: QueueState, seq: number, group: string): void {
  const groupId = group === '-' ? undefined : group;
  const ids = { queueUid: 'q', seq, batchSeq: seq, id: `id-${seq}`, groupId, deadLetterSourceArn: undefined };
  state.add(createMessage({ ...ids, sentAtMs: 0, delayedUntilMs: 0 }), 0);
}

function receive(state: QueueState, maxMessages: number, nowMs = 0): QueueMessage[] {
  state.advance(nowMs, RETENTION_MS);
  const options = { nowMs, maxMessages, visibilityTimeoutMs: 1_000, maxReceiveCount: ALL };
  return state.receive(options).received.map(({ message }) => message);
}

function groupsOf(messages: readonly QueueMessage[]): string {
  return messages.map(({ groupId = '-' }) => groupId).join('');
}

const times = (count: number, group: string): string[] => Array.from({ length: count }, () => group);

test('serves in the order of sending when fairness is off', () => {
  const state = queueOf('off', [...times(40, 'a'), 'b', 'a', 'c']);
  receive(state, 35);
  expect(groupsOf(receive(state, 10))).toBe('aaaaabac');
});

describe('aws-thresholds', () => {
  test('serves others first once a group has 30 in flight, and the noisy one still, when it is alone', () => {
    const state = queueOf('aws-thresholds', [...times(40, 'a'), 'b', '-', 'c']);
    expect(groupsOf(receive(state, 29))).toBe('a'.repeat(29));
    expect(groupsOf(receive(state, 1))).toBe('a');
    expect(groupsOf(receive(state, 5))).toBe('b-caa');
  });

  test('is not bothered by a group with no more than a tenth of what is in flight', () => {
    const others = Array.from({ length: 300 }, (_, index) => `other-${index}`);
    const state = queueOf('aws-thresholds', [...others, ...times(40, 'a'), 'b']);
    receive(state, 300);
    // 33 of 333 are less than a tenth, 34 of 334 are more.
    expect(groupsOf(receive(state, 34))).toBe('a'.repeat(34));
    expect(groupsOf(receive(state, 1))).toBe('b');
  });

  test('takes a group for quiet again when its messages have left', () => {
    const state = queueOf('aws-thresholds', [...times(40, 'a'), 'b', 'b']);
    const held = receive(state, 30);
    expect(groupsOf(receive(state, 1))).toBe('b');
    for (const message of held.slice(0, 1)) state.remove(message);
    expect(groupsOf(receive(state, 1))).toBe('a');
  });

  test('never takes messages without a group for noise', () => {
    const state = queueOf('aws-thresholds', [...times(60, '-'), 'b']);
    expect(groupsOf(receive(state, 50))).toBe('-'.repeat(50));
  });

  test('serves several noisy groups in the order of sending', () => {
    const state = queueOf('aws-thresholds', [...times(30, 'a'), ...times(30, 'b'), 'b', 'a', 'c']);
    receive(state, 60);
    expect(groupsOf(receive(state, 3))).toBe('cba');
  });
});

describe('fewest-in-flight', () => {
  test('serves the group with the fewest in flight, the oldest first among equals', () => {
    const state = queueOf('fewest-in-flight', [...'aaaabbc']);
    expect(groupsOf(receive(state, 7))).toBe('abcabaa');
  });

  test('lets a group catch up when its messages are done', () => {
    const state = queueOf('fewest-in-flight', [...'aaabbb']);
    const [a] = receive(state, 2);
    if (a) state.remove(a);
    expect(groupsOf(receive(state, 3))).toBe('aab');
  });
});

test('takes a change of mode over what is there already', () => {
  const state = queueOf('off', [...'aaaab']);
  receive(state, 2);
  state.fairness = 'fewest-in-flight';
  expect(groupsOf(receive(state, 1))).toBe('b');
  state.fairness = 'off';
  expect(groupsOf(receive(state, 1, 2_000))).toBe('a');
});

test('in every mode, each message is served exactly once, whatever happens between', () => {
  const step = fc.tuple(fc.constantFrom('send', 'receive', 'delete', 'show', 'mode'), fc.nat({ max: 40 }));
  fc.assert(
    fc.property(fc.constantFrom(...FAIRNESS_MODES), fc.array(step, { maxLength: 80 }), (mode, steps) => {
      const state = new QueueState(mode);
      const inQueue = new Set<number>();
      let held: QueueMessage[] = [];
      let sent = 0;
      for (const [act, amount] of steps) {
        const chosen = held[amount % Math.max(held.length, 1)];
        if (act === 'send') {
          for (let copy = 0; copy <= amount; copy++) {
            inQueue.add(++sent);
            send(state, sent, 'abc-'[amount % 4] ?? '-');
          }
        } else if (act === 'receive') held.push(...receive(state, amount + 1));
        else if (act === 'mode') state.fairness = FAIRNESS_MODES[amount % 3] ?? 'off';
        else if (chosen !== undefined) {
          held = held.filter((message) => message !== chosen);
          if (act === 'show') state.changeVisibility(chosen, 0, 0);
          else {
            state.remove(chosen);
            inQueue.delete(chosen.seq);
          }
        }
      }
      for (const message of held) state.changeVisibility(message, 0, 0);
      const rest = receive(state, ALL).map(({ seq }) => seq);
      expect(rest.sort((a, b) => a - b)).toEqual([...inQueue]);
    }),
  );
});

test.each(FAIRNESS_MODES)('empties a queue of 100,000 messages of 50,000 groups, mode %s', (mode) => {
  const state = queueOf(
    mode,
    Array.from({ length: 100_000 }, (_, index) => `group-${index % 50_000}`),
  );
  for (let round = 0; round < 10_000; round++) {
    for (const message of receive(state, 10)) state.remove(message);
  }
  expect(state.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});
