import { createCachedApiKeys } from '../../shared/adapters/cached-api-keys.ts';
import type { ApiKey } from '../../shared/contract/api-keys.ts';

const KEY: ApiKey = {
  id: 'a',
  name: '',
  tenant: 'alpha',
  scopes: [],
  hash: '',
  createdAtMs: 0,
  expiresAtMs: null,
};

describe('API keys that are remembered', () => {
  const asked: string[] = [];
  let nowMs = 0;
  let stored: ApiKey | undefined;
  let broken = false;

  beforeEach(() => {
    asked.length = 0;
    nowMs = 1_000_000;
    stored = KEY;
    broken = false;
  });

  const create = () =>
    createCachedApiKeys({
      clock: { monotonicMs: () => nowMs },
      keys: {
        read: async (id) => {
          asked.push(id);
          if (broken) throw new Error('the table does not answer');
          return stored;
        },
      },
    });

  it('are read once, however many calls show them, and again after five seconds', async () => {
    const keys = create();
    await Promise.all([keys.read('a'), keys.read('a'), keys.read('b')]);
    nowMs += 4_999;
    stored = { ...KEY, revokedAtMs: 1 };
    expect(await keys.read('a')).toEqual(KEY);
    expect(asked).toEqual(['a', 'b']);
    nowMs += 1;
    expect(await keys.read('a')).toEqual({ ...KEY, revokedAtMs: 1 });
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('are remembered not to be there, too', async () => {
    const keys = create();
    stored = undefined;
    expect([await keys.read('a'), await keys.read('a')]).toEqual([undefined, undefined]);
    expect(asked).toEqual(['a']);
  });

  it('are asked for again when they could not be read, and no older word goes', async () => {
    const keys = create();
    await keys.read('a');
    nowMs += 5_000;
    broken = true;
    await expect(keys.read('a')).rejects.toThrow('does not answer');
    broken = false;
    expect(await keys.read('a')).toEqual(KEY);
    expect(asked).toEqual(['a', 'a', 'a']);
  });

  it('are a thousand at most: made-up ids fill no memory', async () => {
    const keys = create();
    for (let id = 0; id < 1_001; id += 1) await keys.read(`made-up-${id}`);
    await keys.read('made-up-1000');
    await keys.read('made-up-1');
    expect(asked).toHaveLength(1_001);
    await keys.read('made-up-0');
    expect(asked).toHaveLength(1_002);
  });
});
