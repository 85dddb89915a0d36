import { createGather } from '../../../shared/flows/accept/gather.ts';

interface Group {
  readonly entries: readonly number[];
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

/** An act whose groups end when the test says so; each entry becomes its text. */
const createScene = (mostGroups: number, mostEntries: number) => {
  const groups: Group[] = [];
  const gather = createGather(
    (entries: readonly number[]) =>
      new Promise<readonly string[]>((resolve, reject) => {
        groups.push({ entries, end: () => resolve(entries.map(String)), fail: reject });
      }),
    { mostGroups, mostEntries },
  );
  return { gather, groups, begun: () => groups.map(({ entries }) => entries) };
};

/** Until everything that is ready has run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('begins at once while few groups are under way', () => {
  const { gather, begun } = createScene(2, 10);
  for (const entry of [1, 2]) void gather(entry);
  expect(begun()).toEqual([[1], [2]]);
});

it('lets what comes meanwhile go together, as soon as a group has ended', async () => {
  const { gather, groups, begun } = createScene(1, 10);
  const all = [1, 2, 3].map(gather);
  expect(begun()).toEqual([[1]]);
  groups[0]?.end();
  expect(await all[0]).toBe('1');
  await settled();
  expect(begun()).toEqual([[1], [2, 3]]);
  groups[1]?.end();
  expect(await Promise.all(all)).toEqual(['1', '2', '3']);
});

it('keeps a group to so many entries, in the order they came', async () => {
  const { gather, groups, begun } = createScene(1, 2);
  for (const entry of [1, 2, 3, 4]) void gather(entry);
  groups[0]?.end();
  await settled();
  groups[1]?.end();
  await settled();
  expect(begun()).toEqual([[1], [2, 3], [4]]);
});

it('fails those of a group that failed, and nobody else', async () => {
  const { gather, groups } = createScene(1, 10);
  const [first, second] = [gather(1), gather(2)];
  groups[0]?.fail(new Error('the store is away'));
  await expect(first).rejects.toThrow('the store is away');
  await settled();
  groups[1]?.end();
  expect(await second).toBe('2');
});

it('fails an entry that the act forgot', async () => {
  const gather = createGather(async () => [], { mostGroups: 1, mostEntries: 10 });
  await expect(gather(1)).rejects.toThrow('no outcome for entry 0 of 1');
});
