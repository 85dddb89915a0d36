import type { ApiCall, ApiClient } from '../../../cli/api-client.ts';
import { watchBatch } from '../../../cli/run/watched-batch.ts';
import type { Batch } from '../../../shared/contract/batch.ts';

/** A batch of so many, of which the named ones have ended; pages hold two. */
const createApi = (total: number) => {
  const ended = new Set<number>();
  const calls: string[] = [];
  let hidden = 0;
  const batch = (): Partial<Batch> => ({
    status: ended.size - hidden === total ? 'ended' : 'in_progress',
    counts: {
      total,
      processing: total - ended.size + hidden,
      succeeded: ended.size - hidden,
      failed: 0,
      canceled: 0,
      expired: 0,
    },
  });
  const results = (path: string) => {
    const from = Number(/from=(\d+)/.exec(path)?.[1]);
    const page = [...ended].sort((one, other) => one - other).filter((index) => index >= from);
    const [second] = page.slice(1);
    const hasMore = page.length > 2 && second !== undefined;
    return {
      value: page
        .slice(0, 2)
        .map((index) => `${JSON.stringify({ batch_index: index })}\n`)
        .join(''),
      headers: new Headers(hasMore ? { link: `</v1/batches/b/results?from=${second + 1}>; rel="next"` } : {}),
    };
  };
  const api = {
    endpoint: '',
    call: async ({ path }: ApiCall) => {
      calls.push(path.replace('/v1/batches/b', ''));
      const answer = path.includes('/results') ? results(path) : { value: batch(), headers: new Headers() };
      return { kind: 'answered', status: 200, ...answer };
    },
  } as ApiClient;
  const end = (...indexes: readonly number[]): void => {
    for (const index of indexes) ended.add(index);
  };
  /** Ended, and not yet in the sums. */
  const hide = (count: number): void => {
    hidden = count;
  };
  return { api, calls, end, hide };
};

const watch = (total: number, options: { isOrdered?: boolean; taken?: readonly number[] } = {}) => {
  const { api, calls, end, hide } = createApi(total);
  const { isOrdered = false, taken = [] } = options;
  const batch = watchBatch({ api, batchId: 'b', total, isOrdered, taken: new Set(taken) });
  const look = async () =>
    (await batch.look(new AbortController().signal)).map(({ batch_index: index }) => index);
  return { batch, look, end, hide, calls };
};

describe('a batch that is watched', () => {
  it('gives each result once, as they end', async () => {
    const { batch, look, end } = watch(5);
    expect(await look()).toEqual([]);
    end(3, 1);
    expect(await look()).toEqual([1, 3]);
    expect(await look()).toEqual([]);
    end(0, 2);
    expect(await look()).toEqual([0, 2]);
    expect(batch.isDone).toBe(false);
    end(4);
    expect(await look()).toEqual([4]);
    expect(batch.isDone).toBe(true);
  });

  it('reads no results while nothing has ended since, and none before the first that is missing', async () => {
    const { look, end, calls } = watch(5);
    end(0, 1, 2);
    await look();
    await look();
    end(4);
    await look();
    expect(calls).toEqual([
      '',
      '/results?from=0&limit=500',
      '/results?from=2',
      '',
      '',
      '/results?from=3&limit=500',
    ]);
  });

  it('is not done before the sums know of all that was taken', async () => {
    const { batch, look, end, hide } = watch(2);
    end(0, 1);
    hide(1);
    expect(await look()).toEqual([0, 1]);
    expect(batch.isDone).toBe(false);
    hide(0);
    expect(await look()).toEqual([]);
    expect(batch.isDone).toBe(true);
  });

  it('leaves out what was taken at an earlier time', async () => {
    const { batch, look, end } = watch(3, { taken: [0, 2] });
    end(0, 1, 2);
    expect(await look()).toEqual([1]);
    expect(batch.isDone).toBe(true);
  });

  it('holds back what comes before its turn, when order is asked for', async () => {
    const { batch, look, end } = watch(5, { isOrdered: true });
    end(1, 2);
    expect(await look()).toEqual([]);
    end(0);
    expect(await look()).toEqual([0, 1, 2]);
    end(4, 3);
    expect(await look()).toEqual([3, 4]);
    expect(batch.isDone).toBe(true);
  });

  it('says when results can no longer be read', async () => {
    const { api } = createApi(0);
    const ended = watchBatch({ api, batchId: 'b', total: 2, isOrdered: false, taken: new Set() });
    await expect(ended.look(new AbortController().signal)).rejects.toThrow(
      '2 results of b can no longer be read',
    );
  });
});
