import { randomBytes } from 'node:crypto';
import type { ApiKey } from '../../shared/contract/api-keys.ts';
import { createApiKeyText } from '../../shared/core/identity/api-key-text.ts';
import type { ApiKeyStore } from '../../shared/ports/api-key-store.ts';
import type { Subject } from './subject.ts';

const keyOf = (fields: Partial<ApiKey> = {}): ApiKey => {
  const { id, hash } = createApiKeyText(randomBytes);
  return {
    id,
    name: 'for a test',
    tenant: 'alpha',
    scopes: ['submit', 'read'],
    hash,
    createdAtMs: 1_000,
    expiresAtMs: 2_000,
    ...fields,
  };
};

/** What every store of API keys does; several may share one table. */
export const describeApiKeyStore = (name: string, create: () => Promise<Subject<ApiKeyStore>>): void => {
  describe(`the API keys in ${name}`, () => {
    let port: ApiKeyStore;
    let run: Subject<ApiKeyStore>['run'];

    beforeEach(async () => {
      ({ port, run } = await create());
    });

    it('come back as they were made', async () => {
      const [ends, never] = [keyOf(), keyOf({ expiresAtMs: null, scopes: ['admin'] })];
      expect(await run(port.create(ends))).toBe(true);
      expect(await run(port.create(never))).toBe(true);
      expect(await run(port.read(ends.id))).toEqual(ends);
      expect(await run(port.read(never.id))).toEqual(never);
    });

    it('are not there before', async () => {
      expect(await run(port.read('000000000000'))).toBeUndefined();
    });

    it('never replace one another', async () => {
      const key = keyOf();
      await run(port.create(key));
      expect(await run(port.create({ ...key, tenant: 'beta' }))).toBe(false);
      expect(await run(port.read(key.id))).toEqual(key);
    });

    it('are listed by id, those that ended too', async () => {
      const keys = [keyOf(), keyOf(), keyOf()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
      for (const key of keys) await run(port.create(key));
      await run(port.end(keys[1]?.id ?? '', { kind: 'revoked', atMs: 1_500 }));
      const own = (await run(port.list())).filter(({ id }) => keys.some((key) => key.id === id));
      expect(own).toEqual([keys[0], { ...keys[1], revokedAtMs: 1_500 }, keys[2]]);
    });

    it('stay revoked from the first time on, whatever is done to them', async () => {
      const key = keyOf();
      await run(port.create(key));
      expect(await run(port.end(key.id, { kind: 'revoked', atMs: 1_500 }))).toBe(true);
      expect(await run(port.end(key.id, { kind: 'revoked', atMs: 1_900 }))).toBe(true);
      await run(port.end(key.id, { kind: 'replaced', expiresAtMs: 1_800, by: 'other' }));
      expect(await run(port.read(key.id))).toEqual({
        ...key,
        revokedAtMs: 1_500,
        expiresAtMs: 1_800,
        replacedBy: 'other',
      });
    });

    it('cannot be ended when they were never made', async () => {
      expect(await run(port.end('000000000000', { kind: 'revoked', atMs: 1 }))).toBe(false);
      expect(await run(port.read('000000000000'))).toBeUndefined();
    });
  });
};
