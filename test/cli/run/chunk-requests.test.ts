import { chunkRequests, runKeyOf } from '../../../cli/run/chunk-requests.ts';

const requests = (count: number) => Array.from({ length: count }, (_, index) => ({ prompt: `p${index}` }));

describe('the batches of a run', () => {
  it('are cut by number and by bytes, and lose nothing', () => {
    const chunks = chunkRequests(
      [{ prompt: 'a' }, { prompt: 'b' }, { prompt: 'c' }, { prompt: 'x'.repeat(30) }, { prompt: 'd' }],
      'simulator',
      { requests: 2, bytes: 50 },
    );
    expect(chunks.map(({ start, count }) => [start, count])).toEqual([
      [0, 2],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
    expect(chunks[0]?.lines).toBe('{"prompt":"a"}\n{"prompt":"b"}\n');
  });

  it('have the key of their content and of who answers', () => {
    const keys = (identity: string, count: number) =>
      chunkRequests(requests(count), identity, { requests: 2, bytes: 1000 }).map(({ key }) => key);
    expect(keys('simulator', 4)).toEqual(keys('simulator', 4));
    expect(keys('simulator', 5).slice(0, 2)).toEqual(keys('simulator', 4));
    expect(keys('aws', 4)).not.toEqual(keys('simulator', 4));
    expect(keys('simulator', 4)[0]).toMatch(/^run-[0-9a-f]{40}$/);
  });

  it('name the run', () => {
    const key = (count: number) => runKeyOf(chunkRequests(requests(count), 'simulator'));
    expect(key(3)).toBe(key(3));
    expect(key(3)).not.toBe(key(4));
  });

  it('tell two equal halves apart', () => {
    const same = [{ prompt: 'a' }, { prompt: 'a' }];
    const [first, second] = chunkRequests(same, 'simulator', { requests: 1, bytes: 1000 });
    expect(first?.key).not.toBe(second?.key);
  });
});
