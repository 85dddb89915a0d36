import { decidePortion, type MoveTask, nextMoveTask } from '../../../../local/cloud/sqs/move-task.ts';

const task: MoveTask = {
  handle: 'h',
  sourceUid: 'u',
  sourceArn: 'arn',
  startedAtMs: 0,
  toMove: 1_000,
  moved: 0,
  status: 'RUNNING',
};
const FROM_START = { startedAtMs: 0, movedBefore: 0 };

test('moves portions as fast as it can without a limit', () => {
  expect(decidePortion(task, FROM_START, 0)).toBe(500);
  expect(decidePortion({ ...task, moved: 700 }, FROM_START, 0)).toBe(300);
});

test.each([
  { maxPerSecond: 1, moved: 0, nowMs: 0, portion: 1 },
  { maxPerSecond: 1, moved: 1, nowMs: 999, portion: 0 },
  { maxPerSecond: 1, moved: 1, nowMs: 1_000, portion: 1 },
  { maxPerSecond: 500, moved: 1, nowMs: 20, portion: 10 },
  { maxPerSecond: 500, moved: 11, nowMs: 20, portion: 0 },
  { maxPerSecond: 10, moved: 995, nowMs: 200_000, portion: 5 },
])('at $maxPerSecond a second, $moved moved, may move $portion after $nowMs ms', (row) => {
  const limited = { ...task, maxPerSecond: row.maxPerSecond, moved: row.moved };
  expect(decidePortion(limited, FROM_START, row.nowMs)).toBe(row.portion);
});

test('does not make up after a restart for the time it was down', () => {
  const limited = { ...task, maxPerSecond: 10, moved: 400 };
  const resumed = { startedAtMs: 1_000_000, movedBefore: 400 };
  expect(decidePortion(limited, resumed, 1_000_000)).toBe(1);
  expect(decidePortion({ ...limited, moved: 401 }, resumed, 1_000_100)).toBe(1);
});

test.each([
  [10, 'more', { moved: 10, status: 'RUNNING' }],
  [1_000, 'more', { moved: 1_000, status: 'COMPLETED' }],
  [3, 'empty', { moved: 3, status: 'COMPLETED' }],
  [3, { failure: 'why' }, { moved: 3, status: 'FAILED', failureReason: 'why' }],
] as const)('after %d more and then %j it is %j', (moved, end, expected) => {
  expect(nextMoveTask(task, moved, end)).toMatchObject(expected);
});

test('is complete at once when there is nothing to move', () => {
  expect(nextMoveTask({ ...task, toMove: 0 }, 0, 'more').status).toBe('COMPLETED');
});
