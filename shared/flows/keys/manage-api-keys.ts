import { API_KEY_EXPIRY_MS, API_KEY_GRACE_MS, type ApiKey, type Scope } from '../../contract/api-keys.ts';
import { createApiKeyText } from '../../core/identity/api-key-text.ts';
import type { ApiKeyStore } from '../../ports/api-key-store.ts';
import type { Clock } from '../../ports/clock.ts';

export interface ManageKeysDeps {
  readonly keys: ApiKeyStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface WantedKey {
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** Null: for ever. */
  readonly lifetimeMs: number | null;
}

/** The text is nowhere else, and cannot be had again. */
export interface MadeKey {
  readonly text: string;
  readonly key: ApiKey;
}

export const createMakeKey =
  ({ keys, clock, randomBytes }: ManageKeysDeps) =>
  async ({ name, tenant, scopes, lifetimeMs }: WantedKey): Promise<MadeKey> => {
    for (;;) {
      const { text, id, hash } = createApiKeyText(randomBytes);
      const createdAtMs = clock.nowMs();
      const expiresAtMs = lifetimeMs === null ? null : createdAtMs + lifetimeMs;
      const key: ApiKey = { id, name, tenant, scopes, hash, createdAtMs, expiresAtMs };
      if (await keys.create(key)) return { text, key };
    }
  };

export type Rotation =
  | { readonly kind: 'rotated'; readonly made: MadeKey; readonly oldUntilMs: number }
  | { readonly kind: 'not_found' }
  /** What is no use any more has nothing to be replaced. */
  | { readonly kind: 'ended'; readonly atMs: number };

export const endOf = ({ revokedAtMs, expiresAtMs }: ApiKey): number | undefined =>
  revokedAtMs ?? expiresAtMs ?? undefined;

const lifetimeOf = ({ createdAtMs, expiresAtMs }: ApiKey): number | null =>
  expiresAtMs === null ? null : expiresAtMs - createdAtMs;

/**
 * A new key for the same, and an end to the old one after a time in which both work. The new one is made first: whoever
 * dies in between leaves two keys, and nobody without one.
 */
export const createRotateKey = (deps: ManageKeysDeps) => {
  const make = createMakeKey(deps);
  return async (id: string, graceMs: number = API_KEY_GRACE_MS.usual): Promise<Rotation> => {
    const old = await deps.keys.read(id);
    if (old === undefined) return { kind: 'not_found' };
    const nowMs = deps.clock.nowMs();
    const endedAtMs = endOf(old);
    if (endedAtMs !== undefined && endedAtMs <= nowMs) return { kind: 'ended', atMs: endedAtMs };
    // One that was replaced already has little left to live, which is not what its successor is to have.
    const lifetimeMs = old.replacedBy === undefined ? lifetimeOf(old) : API_KEY_EXPIRY_MS.usual;
    const { name, tenant, scopes } = old;
    const made = await make({ name, tenant, scopes, lifetimeMs });
    const oldUntilMs = Math.min(old.expiresAtMs ?? Number.POSITIVE_INFINITY, nowMs + graceMs);
    await deps.keys.end(id, { kind: 'replaced', expiresAtMs: oldUntilMs, by: made.key.id });
    return { kind: 'rotated', made, oldUntilMs };
  };
};
