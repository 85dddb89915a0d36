import { writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudDatabase, openCloudDatabase } from '../../../../local/cloud/cloud-database.ts';
import { describeFailure } from '../../../../local/cloud/describe-failure.ts';
import type { LiveQueue } from '../../../../local/cloud/sqs/live-queue.ts';
import type { WriteBytes } from '../../../../local/cloud/sqs/message-log.ts';
import { QueueRegistry } from '../../../../local/cloud/sqs/queue-registry.ts';
import type { Delivery } from '../../../../local/cloud/sqs/queue-state.ts';

const caller = { isGone: false, signal: new AbortController().signal };
let directory: string;
let database: CloudDatabase;
let registry: QueueRegistry;
let queue: LiveQueue;
let isFull: boolean;
let writes: number;

/** As a disk with little room: half of it is written, and then nothing more. */
const write: WriteBytes = (file, bytes, offset, length, position) => {
  writes++;
  if (!isFull) return writeSync(file, bytes, offset, length, position);
  if (length > 20) return writeSync(file, bytes, offset, length >> 1, position);
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};

const open = async () => {
  registry = await QueueRegistry.open({
    ...{ database, messageDirectory: join(directory, 'messages'), region: 'us-east-1', accountId: '0' },
    ...{ nowMs: () => 7, fairness: 'off', journalLimits: { write } },
  });
};

const restart = async () => {
  registry.close();
  await open();
  queue = registry.find('q') as LiveQueue;
};

const send = (...bodies: string[]) =>
  queue.send(
    bodies.map((body) => ({
      payload: { body, bodyMd5: '', attributes: undefined, traceHeader: undefined },
      ...{ delayMs: undefined, groupId: undefined },
    })),
  );

const receive = () => queue.receive({ maxMessages: 10, visibilityTimeoutMs: 1_000, waitMs: 0, caller });
const messagesOf = (deliveries: readonly Delivery[]) => deliveries.map(({ message }) => message);
const bodiesOf = (deliveries: readonly Delivery[]) =>
  queue.payloads(deliveries).map((payload) => payload?.body);

beforeEach(async () => {
  isFull = false;
  writes = 0;
  directory = await mkdtemp(join(tmpdir(), 'full-'));
  database = await openCloudDatabase(join(directory, 'database'));
  await open();
  await registry.create('q', {}, {});
  queue = registry.find('q') as LiveQueue;
});
afterEach(async () => {
  registry.close();
  await database.close();
  await rm(directory, { recursive: true });
});

test('what could not be written was not sent, and what is sent when there is room again is all there is', async () => {
  await send('a');
  isFull = true;
  await expect(send('lost 1', 'lost 2')).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(queue.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  isFull = false;
  await send('b');
  expect(bodiesOf(await receive())).toEqual(['a', 'b']);
  await restart();
  expect(bodiesOf(await receive())).toEqual(['a', 'b']);
});

test('nobody is given a message of which the receive could not be written, until there is room', async () => {
  await send('a');
  isFull = true;
  await expect(receive()).rejects.toMatchObject({ code: 'ENOSPC' });
  isFull = false;
  expect((await receive()).map(({ receiveCount }) => receiveCount)).toEqual([1]);
});

test('a deletion that failed is told to nobody as done before it is on disk', async () => {
  await send('a', 'b');
  const [a] = messagesOf(await receive());
  isFull = true;
  await expect(queue.remove(a ? [a] : [])).rejects.toMatchObject({ code: 'ENOSPC' });
  // Who asks again finds it gone already.
  await expect(queue.remove([])).rejects.toMatchObject({ code: 'ENOSPC' });
  isFull = false;
  await queue.remove([]);
  const before = writes;
  await queue.remove([]);
  expect(writes).toBe(before);
  await restart();
  expect(bodiesOf(await receive())).toEqual(['b']);
});

test('a purge that failed is done with the next thing that succeeds', async () => {
  await send('a', 'b');
  isFull = true;
  await expect(queue.purge()).rejects.toMatchObject({ code: 'ENOSPC' });
  isFull = false;
  await send('c');
  await restart();
  expect(bodiesOf(await receive())).toEqual(['c']);
});

test('is told as what the user can mend', () => {
  expect(describeFailure(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toBe(
    'The disk of the local cloud is full (ENOSPC): make room, and ask again.',
  );
  expect(describeFailure(new Error('secret'))).toBe('The local cloud failed to handle this request.');
});
