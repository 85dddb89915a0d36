import type { ApiKey } from '../../../shared/contract/api-keys.ts';
import { createMakeKey, createRotateKey } from '../../../shared/flows/keys/manage-api-keys.ts';
import { createMemoryApiKeys } from '../../fakes/memory-api-keys.ts';
import { createRandomBytes } from '../../fakes/sequences.ts';
import { bearer, callWith, createKeyedWorld } from '../../functions/keyed-calls.ts';

const NOON_MS = Date.UTC(2026, 0, 31, 12);
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const createDeps = () => {
  const clock = { atMs: NOON_MS, nowMs: () => clock.atMs };
  return { keys: createMemoryApiKeys(), clock, randomBytes: createRandomBytes() };
};

const WANTED = { name: 'ci', tenant: 'alpha', scopes: ['submit', 'read'], lifetimeMs: 90 * DAY_MS } as const;

describe('a key that is made', () => {
  it('is kept without its text', async () => {
    const deps = createDeps();
    const { text, key } = await createMakeKey(deps)(WANTED);
    const stored = await deps.keys.read(key.id);

    expect(stored).toEqual({
      id: text.split('_')[1],
      name: 'ci',
      tenant: 'alpha',
      scopes: ['submit', 'read'],
      hash: key.hash,
      createdAtMs: NOON_MS,
      expiresAtMs: NOON_MS + 90 * DAY_MS,
    });
    expect(JSON.stringify(stored)).not.toContain(text.split('_')[2]);
  });

  it('lives for ever where that is wanted', async () => {
    const { key } = await createMakeKey(createDeps())({ ...WANTED, lifetimeMs: null });
    expect(key.expiresAtMs).toBeNull();
  });

  it('takes no other’s place when chance gives its id again', async () => {
    const deps = createDeps();
    const bytes = [...'aabbbccc'].map((letter) => letter.charCodeAt(0));
    // An id and a secret, the same id and a secret, another id and a secret.
    const numbered = (count: number) => new Uint8Array(count).fill(count === 8 ? (bytes.shift() ?? 0) : 7);
    const make = createMakeKey({ ...deps, randomBytes: numbered });
    const [first, second] = [await make(WANTED), await make({ ...WANTED, tenant: 'beta' })];
    expect(first.key.id).not.toBe(second.key.id);
    expect(await deps.keys.read(first.key.id)).toMatchObject({ tenant: 'alpha' });
  });
});

describe('a key that is rotated', () => {
  const rotated = async (wanted: { readonly lifetimeMs: number | null }, graceMs: number, afterMs = 0) => {
    const deps = createDeps();
    const old = await createMakeKey(deps)({ ...WANTED, ...wanted });
    deps.clock.atMs += afterMs;
    const rotation = await createRotateKey(deps)(old.key.id, graceMs);
    if (rotation.kind !== 'rotated') throw new Error(rotation.kind);
    return { deps, old: (await deps.keys.read(old.key.id)) as ApiKey, made: rotation.made.key, rotation };
  };

  it('has a successor for the same, and lives on for its grace', async () => {
    const { old, made, rotation } = await rotated({ lifetimeMs: 90 * DAY_MS }, HOUR_MS, DAY_MS);
    expect(made).toMatchObject({
      name: 'ci',
      tenant: 'alpha',
      scopes: ['submit', 'read'],
      createdAtMs: NOON_MS + DAY_MS,
      expiresAtMs: NOON_MS + 91 * DAY_MS,
    });
    expect(made.hash).not.toBe(old.hash);
    expect(old).toMatchObject({ expiresAtMs: NOON_MS + DAY_MS + HOUR_MS, replacedBy: made.id });
    expect(rotation.oldUntilMs).toBe(NOON_MS + DAY_MS + HOUR_MS);
  });

  it('never lives longer for it', async () => {
    const { old } = await rotated({ lifetimeMs: HOUR_MS }, DAY_MS);
    expect(old.expiresAtMs).toBe(NOON_MS + HOUR_MS);
  });

  it('that had no end has one now, and its successor has none', async () => {
    const { old, made } = await rotated({ lifetimeMs: null }, DAY_MS);
    expect([old.expiresAtMs, made.expiresAtMs]).toEqual([NOON_MS + DAY_MS, null]);
  });

  it('again, in its grace, gives its successor a usual life', async () => {
    const { deps, old } = await rotated({ lifetimeMs: 365 * DAY_MS }, HOUR_MS);
    const again = await createRotateKey(deps)(old.id, HOUR_MS);
    expect(again).toMatchObject({ kind: 'rotated', made: { key: { expiresAtMs: NOON_MS + 90 * DAY_MS } } });
  });

  it('must be there, and must not have ended', async () => {
    const deps = createDeps();
    const rotate = createRotateKey(deps);
    expect(await rotate('000000000000', HOUR_MS)).toEqual({ kind: 'not_found' });
    const { key } = await createMakeKey(deps)({ ...WANTED, lifetimeMs: HOUR_MS });
    const { key: other } = await createMakeKey(deps)(WANTED);
    await deps.keys.end(other.id, { kind: 'revoked', atMs: NOON_MS });
    deps.clock.atMs += HOUR_MS;
    expect(await rotate(key.id, HOUR_MS)).toEqual({ kind: 'ended', atMs: NOON_MS + HOUR_MS });
    expect(await rotate(other.id, HOUR_MS)).toEqual({ kind: 'ended', atMs: NOON_MS });
    expect(await deps.keys.list()).toHaveLength(2);
  });

  it('works beside its successor until its grace is over', async () => {
    const world = createKeyedWorld();
    const deps = { keys: world.apiKeys, clock: world.clock, randomBytes: world.randomBytes };
    const old = await createMakeKey(deps)(WANTED);
    const rotation = await createRotateKey(deps)(old.key.id, HOUR_MS);
    const texts = [old.text, rotation.kind === 'rotated' ? rotation.made.text : ''];
    const statuses = () =>
      Promise.all(
        texts.map(
          async (text) => (await callWith(world, { method: 'GET', path: '/v1/quota' }, bearer(text))).status,
        ),
      );
    expect(await statuses()).toEqual([200, 200]);
    await world.clock.advance(HOUR_MS);
    expect(await statuses()).toEqual([401, 200]);
  });
});
