import { setImmediate as nextTurn } from 'node:timers/promises';
import { SharedLock } from '../../../../local/cloud/s3/shared-lock.ts';

let lock: SharedLock;
let events: string[];
beforeEach(() => {
  lock = new SharedLock();
  events = [];
});

const work = (name: string, turns: number) => async () => {
  events.push(`${name} begins`);
  for (let turn = 0; turn < turns; turn++) await nextTurn();
  events.push(`${name} ends`);
  return name;
};

test('many share a key at once', async () => {
  await Promise.all([lock.share('k', work('a', 2)), lock.share('k', work('b', 1))]);
  expect(events).toEqual(['a begins', 'b begins', 'b ends', 'a ends']);
});

test('who wants it alone waits for those who share it, and later ones wait for that one', async () => {
  const all = [
    lock.share('k', work('a', 3)),
    lock.alone('k', work('alone', 3)),
    nextTurn().then(() => lock.share('k', work('b', 1))),
    lock.alone('k', work('next alone', 1)),
    lock.share('other', work('other', 0)),
  ];
  expect(await Promise.all(all)).toEqual(['a', 'alone', 'b', 'next alone', 'other']);
  const order = events.filter((event) => !event.startsWith('other'));
  expect(order.slice(0, 4)).toEqual(['a begins', 'a ends', 'alone begins', 'alone ends']);
  const begins = order.indexOf('next alone begins');
  expect(order[begins + 1]).toBe('next alone ends');
});

test('work that fails lets the others go on', async () => {
  const fail = () => Promise.reject(new Error('no'));
  const failing = [lock.share('k', fail), lock.alone('k', fail), lock.share('k', fail)];
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
    'rejected',
  ]);
  expect(await lock.alone('k', work('a', 0))).toBe('a');
  expect(await lock.share('k', work('b', 0))).toBe('b');
});
