import fs, { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageJournal } from '../../../../local/cloud/sqs/message-journal.ts';
import type { WriteBytes } from '../../../../local/cloud/sqs/message-log.ts';
import { createMessage, type QueueMessage } from '../../../../local/cloud/sqs/queue-message.ts';

/**
 * A journal at work until it kills itself, or is killed:
 *
 *   node --import tsx journal-process.ts <directory> <run> <moment> <count>
 *
 * `moment` is where it dies, at the `count`-th time: `append` and `carry` in the middle of such a write, `carried`
 * behind one, `unlink` before and `unlinked` after a file is removed; with `never` it waits for its parent. It tells
 * what it finds, what it is about to do, and what has been acknowledged, one line each.
 */
const [directory = '', run = '', moment = 'never', count = '1'] = process.argv.slice(2);
let left = Number(count);

/** At once, whatever becomes of the process; a pipe that is full is tried again. */
function tell(...words: (string | number)[]): void {
  const line = Buffer.from(`${words.join(' ')}\n`);
  for (let written = 0; written < line.length; ) {
    try {
      written += writeSync(1, line, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

function dieAt(here: string): boolean {
  if (here !== moment || --left > 0) return false;
  tell('died', here);
  return true;
}

const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('It lives.');
};

const write: WriteBytes = (file, bytes, offset, length, position) => {
  const isCarry = new Error().stack?.includes('carryOldest') === true;
  if (dieAt(isCarry ? 'carry' : 'append')) {
    writeSync(file, bytes, offset, Math.floor(length * Math.random()), position);
    die();
  }
  const written = writeSync(file, bytes, offset, length, position);
  if (isCarry && dieAt('carried')) die();
  return written;
};

const { unlinkSync } = fs;
fs.unlinkSync = (path) => {
  if (dieAt('unlink')) die();
  unlinkSync(path);
  if (dieAt('unlinked')) die();
};

const bodyOf = (id: string) => `${id} ${'x'.repeat(Number(id.split('-')[1]) % 400)} 😀`;
const journal = new MessageJournal(directory, { segmentBytes: 20_000, residentUnits: 0, write });
const alive = new Map<number, QueueMessage>();
for (const message of journal.messages()) {
  const [payload] = journal.payloads([message]);
  tell('found', message.id, message.queueUid, payload?.body === bodyOf(message.id) ? 'whole' : 'damaged');
  alive.set(message.seq, message);
}
tell('ready');

/** The oldest first, with a few that stay long: these must be carried out of segments that are to go. */
const someOf = (most: number) =>
  [...alive.values()]
    .filter(({ seq }) => Math.random() < (seq % 20 === 0 ? 0.002 : 0.3))
    .slice(0, Math.floor(Math.random() * most));

let sent = 0;

async function send(): Promise<void> {
  const ids = Array.from({ length: 1 + Math.floor(Math.random() * 10) }, () => `${run}-${sent++}`);
  const batchSeq = journal.takeSeqs(ids.length);
  const messages = ids.map((id, index) =>
    createMessage({
      ...{ queueUid: 'a', id, seq: batchSeq + index, batchSeq, sentAtMs: 7, delayedUntilMs: 0 },
      ...{ groupId: undefined, deadLetterSourceArn: undefined },
    }),
  );
  const payloads = ids.map((id) => ({
    ...{ body: bodyOf(id), bodyMd5: '' },
    ...{ attributes: undefined, traceHeader: undefined },
  }));
  await journal.sent(messages, payloads);
  for (const message of messages) alive.set(message.seq, message);
  tell('sent', ...ids);
}

async function change(what: 'removed' | 'moved', messages: readonly QueueMessage[]): Promise<void> {
  const ids = messages.map(({ id }) => id);
  if (ids.length === 0) return;
  tell(`${what}?`, ...ids);
  for (const { seq } of what === 'removed' ? messages : []) alive.delete(seq);
  await (what === 'removed'
    ? journal.removed(messages)
    : journal.moved(messages.map((message) => createMessage({ ...message, queueUid: 'b' }))));
  tell(what, ...ids);
}

async function work(): Promise<void> {
  for (;;) {
    const removed = someOf(alive.size > 200 ? 30 : 5);
    const moved = someOf(4).filter((message) => !removed.includes(message));
    await Promise.all([send(), send(), change('removed', removed), change('moved', moved)]);
    await nextTurn();
  }
}

void work();
