import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type JournalLimits, MessageJournal } from '../../../../local/cloud/sqs/message-journal.ts';
import type { QueueMessage } from '../../../../local/cloud/sqs/queue-message.ts';

const SMALL: JournalLimits = { segmentBytes: 1_000, residentUnits: 0 };
let directory: string;
const journals: MessageJournal[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  for (const journal of journals.splice(0)) journal.close();
  rmSync(directory, { recursive: true });
});

/** Over what is on disk, as after the death of the one before. */
function open(limits: JournalLimits = SMALL): MessageJournal {
  const journal = new MessageJournal(directory, limits);
  journals.push(journal);
  return journal;
}

function message(seq: number, batchSeq: number, changes: Partial<QueueMessage> = {}): QueueMessage {
  return {
    ...{ queueUid: 'q', seq, batchSeq, id: `id-${seq}`, sentAtMs: 7, delayedUntilMs: 9 },
    ...{ groupId: undefined, deadLetterSourceArn: undefined, standing: 'visible' },
    ...{ receiveCount: 0, firstReceivedAtMs: undefined, visibleAtMs: 0, place: seq },
    ...changes,
  };
}

function send(
  journal: MessageJournal,
  count = 3,
  body = 'body 😀',
): { first: number; durable: Promise<void> } {
  const first = journal.takeSeqs(count);
  const messages = Array.from({ length: count }, (_, index) => message(first + index, first));
  const payloads = messages.map(({ seq }) => ({
    ...{ body: `${body} ${seq}`, bodyMd5: '' },
    ...{ attributes: undefined, traceHeader: undefined },
  }));
  return { first, durable: journal.sent(messages, payloads) };
}

const seqs = (journal: MessageJournal) => journal.messages().map(({ seq }) => seq);
const segments = () => readdirSync(directory).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
const pathOf = (name: string | undefined) => join(directory, name ?? '');

test('what was sent, received, moved and removed is so again after a restart', async () => {
  const journal = open();
  const { first } = send(journal, 4);
  void journal.received([message(1, first, { receiveCount: 2, firstReceivedAtMs: 8 })]);
  const elsewhere = { queueUid: 'other', id: 'new', delayedUntilMs: 0, deadLetterSourceArn: 'arn' };
  void journal.moved([message(2, first, elsewhere)]);
  await journal.removed([message(3, first)]);
  expect(open().messages()).toMatchObject([
    { queueUid: 'q', seq: 1, receiveCount: 2, firstReceivedAtMs: 8, delayedUntilMs: 0, sentAtMs: 7 },
    { queueUid: 'other', seq: 2, id: 'new', deadLetterSourceArn: 'arn', receiveCount: 0 },
    { queueUid: 'q', seq: 4, id: 'id-4', delayedUntilMs: 9 },
  ]);
  expect(open().takeSeqs(1)).toBe(5);
});

test('what differs among messages sent together is so again after a restart', async () => {
  const messages = [
    message(1, 1, { groupId: 'a' }),
    message(2, 1, { groupId: 'a' }),
    message(3, 1, { groupId: 'b' }),
    message(4, 1, { groupId: 'b', delayedUntilMs: 0 }),
    message(5, 1, { groupId: 'b', delayedUntilMs: 0 }),
  ];
  const plain = { bodyMd5: '', attributes: undefined, traceHeader: undefined };
  const attributes = { colour: { DataType: 'String', StringValue: 'red' } };
  await open().sent(messages, [
    { ...plain, body: 'one' },
    { ...plain, body: 'two', attributes },
    { ...plain, body: 'three', traceHeader: 'Root=1' },
    { ...plain, body: 'f\to\nur 😀' },
    { ...plain, body: '"five\\' },
  ]);
  const after = open();
  expect(after.messages()).toMatchObject([
    { seq: 1, id: 'id-1', groupId: 'a', delayedUntilMs: 9 },
    { seq: 2, id: 'id-2', groupId: 'a', delayedUntilMs: 9 },
    { seq: 3, id: 'id-3', groupId: 'b', delayedUntilMs: 9 },
    { seq: 4, id: 'id-4', groupId: 'b', delayedUntilMs: 0 },
    { seq: 5, id: 'id-5', groupId: 'b', delayedUntilMs: 0 },
  ]);
  expect(after.payloads(messages)).toEqual([
    { ...plain, body: 'one', bodyMd5: 'f97c5d29941bfb1b2fdab0874906ab82' },
    { ...plain, body: 'two', bodyMd5: 'b8a9f715dbb64fd5c56e7783c6820a61', attributes },
    { ...plain, body: 'three', bodyMd5: '35d6d33467aae9a2e3dccb4b6b027878', traceHeader: 'Root=1' },
    { ...plain, body: 'f\to\nur 😀', bodyMd5: '23c2aa20b7de684de0ea4cdbb46693a7' },
    { ...plain, body: '"five\\', bodyMd5: 'a818c1fbdbb571f2e0539590e70b8877' },
  ]);
});

test('a message that is gone has no payload, though others of its batch are there', async () => {
  const journal = open({ ...SMALL, residentUnits: 1_000 });
  await send(journal).durable;
  await journal.removed([message(2, 1)]);
  const bodies = journal.payloads([message(1, 1), message(2, 1)]).map((payload) => payload?.body);
  expect(bodies).toEqual(['body 😀 1', undefined]);
});

test('what a process wrote in one turn is one write, in the order of the calls', async () => {
  const journal = open();
  const writes = [send(journal).durable, journal.removed([message(2, 1)]), send(journal).durable];
  expect(statSync(pathOf('1.log')).size).toBe(0);
  await Promise.all(writes);
  expect(readFileSync(pathOf('1.log'), 'utf8').trim().split('\n')).toHaveLength(3);
});

test('payloads come from memory or, when they do not fit, from disk, also before they are written', async () => {
  for (const residentUnits of [0, 12, 1_000]) {
    const journal = open({ ...SMALL, residentUnits });
    const { first, durable } = send(journal);
    const asked = [message(first + 2, first), message(first, first)];
    const expected = [`body 😀 ${first + 2}`, `body 😀 ${first}`];
    expect(journal.payloads(asked).map((payload) => payload?.body)).toEqual(expected);
    await durable;
    expect(
      open()
        .payloads(asked)
        .map((payload) => payload?.body),
    ).toEqual(expected);
  }
});

test('a line torn by the end of the process is as if it had not been begun', async () => {
  const journal = open();
  await send(journal).durable;
  const whole = readFileSync(pathOf('1.log'));
  await send(journal).durable;
  const both = readFileSync(pathOf('1.log'));
  for (let length = whole.length; length < both.length; length += 17) {
    for (const name of segments()) rmSync(pathOf(name));
    writeFileSync(pathOf('1.log'), both.subarray(0, length));
    const after = open();
    expect(seqs(after)).toEqual([1, 2, 3]);
    expect(after.payloads([message(3, 1)])[0]?.body).toBe('body 😀 3');
  }
});

test('what comes after a torn line is kept', async () => {
  await send(open()).durable;
  appendFileSync(pathOf('1.log'), '12345678 {"gone":[[1,');
  await send(open()).durable;
  expect(seqs(open())).toEqual([1, 2, 3, 4, 5, 6]);
});

test.each([
  ['a digit of a number', '"batch":1', '"batch":9'],
  ['a character of a body', 'body 😀 2', 'bodY 😀 2'],
  ['its end', '\n', ' '],
  ['all of it', /^.*\n/, `${'\0'.repeat(40)}\n`],
])('a line of which %s was changed from outside stops the start', async (_, from, to) => {
  const journal = open();
  await send(journal).durable;
  await send(journal).durable;
  writeFileSync(pathOf('1.log'), readFileSync(pathOf('1.log'), 'utf8').replace(from, to));
  expect(() => open()).toThrow(
    /^The log of the queues is damaged: .*1\.log has bytes at \d+ to \d+ that were not written so\. Restore/,
  );
});

test('a file that is missing between others stops the start', async () => {
  for (let run = 0; run < 3; run++) await send(open()).durable;
  rmSync(pathOf('2.log'));
  expect(() => open()).toThrow('2.log is missing');
});

test('a line that is damaged while the process runs is not carried on, and is told', async () => {
  const journal = open();
  const { first, durable } = send(journal);
  await durable;
  writeFileSync(pathOf('1.log'), readFileSync(pathOf('1.log'), 'utf8').replace('body', 'BODY'));
  expect(() => journal.payloads([message(2, first)])).toThrow(
    '1.log has bytes at 0 that were not written so',
  );
  for (let round = 0; round < 200; round++) {
    await journal.received([message(2, first, { receiveCount: round + 1 })]);
    await nextTurn();
  }
  expect(segments()).toContain('1.log');
});

test('the log does not grow with what has gone, nor with what is received again and again', async () => {
  const journal = open();
  const kept = send(journal);
  for (let round = 0; round < 300; round++) {
    const { first, durable } = send(journal);
    await durable;
    await journal.received([message(1, kept.first, { receiveCount: round + 1 })]);
    await journal.removed([0, 1, 2].map((index) => message(first + index, first)));
    await nextTurn();
  }
  expect(segments().length).toBeLessThan(9);
  const after = open();
  expect(seqs(after)).toEqual([1, 2, 3]);
  expect(after.messages()[0]?.receiveCount).toBe(300);
  expect(after.payloads([message(2, 1)])[0]?.body).toBe('body 😀 2');
});

test('many restarts leave few files', async () => {
  for (let run = 0; run < 30; run++) await send(open(), 1).durable;
  expect(segments().length).toBeLessThan(9 + 30 * 0.5);
  expect(seqs(open())).toHaveLength(30);
});

test('killed after messages were carried and before their old segment was removed: each is there once', async () => {
  const journal = open();
  const { first } = send(journal);
  await journal.removed([message(1, first)]);
  const [old = ''] = segments();
  const before = new Map<string, Buffer>();
  for (let round = 0; segments().includes(old); round++) {
    for (const name of segments()) before.set(name, readFileSync(pathOf(name)));
    await journal.received([message(2, first, { receiveCount: round + 1 })]);
    await nextTurn();
  }
  const counted = open().messages()[0]?.receiveCount;
  for (const [name, content] of before) if (!segments().includes(name)) writeFileSync(pathOf(name), content);
  const after = open();
  expect(seqs(after)).toEqual([2, 3]);
  expect(after.messages()[0]?.receiveCount).toBe(counted);
});

test('killed while messages were being carried: the old segment still has them', async () => {
  const journal = open();
  await send(journal).durable;
  const [old] = segments();
  const line = readFileSync(pathOf(old));
  appendFileSync(pathOf(old), line.subarray(0, line.length - 20));
  expect(seqs(open())).toEqual([1, 2, 3]);
});

test('a number is not used again while the log speaks of it', async () => {
  const journal = open();
  const { first } = send(journal);
  await journal.removed([0, 1, 2].map((index) => message(first + index, first)));
  expect(open().takeSeqs(1)).toBe(4);
});
