import { setImmediate as nextTurn } from 'node:timers/promises';
import { type WriteOperation, WriteQueue } from '../../../local/cloud/write-queue.ts';

const put = (key: string): WriteOperation => ({ type: 'put', key, value: '' });

function createRecordingQueue(failing: readonly string[] = []) {
  const commits: string[][] = [];
  const queue = new WriteQueue(async (operations) => {
    const keys = operations.map(({ key }) => key);
    commits.push(keys);
    await nextTurn();
    if (keys.some((key) => failing.includes(key))) throw new Error('disk full');
  });
  return { commits, queue };
}

test('gathers what comes during a write into the next one', async () => {
  const { commits, queue } = createRecordingQueue();
  await Promise.all([queue.write([put('a')]), queue.write([put('b'), put('c')]), queue.write([put('d')])]);
  expect(commits).toEqual([['a'], ['b', 'c', 'd']]);
});

test('fails all writes of a batch that fails, and goes on with the next', async () => {
  const { queue } = createRecordingQueue(['b']);
  const outcomes = await Promise.allSettled([
    queue.write([put('a')]),
    queue.write([put('b')]),
    queue.write([put('c')]),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  await queue.write([put('d')]);
});

test('has nothing to do for no operations', async () => {
  const { commits, queue } = createRecordingQueue();
  await queue.write([]);
  expect(commits).toEqual([]);
});
