import type { ApiKey } from '../../shared/contract/api-keys.ts';
import { endOf, type MadeKey } from '../../shared/flows/keys/manage-api-keys.ts';
import type { Column } from '../output.ts';

const at = (timeMs: number | null): string | null =>
  timeMs === null ? null : new Date(timeMs).toISOString();

type State = 'valid' | 'expired' | 'revoked';

const stateOf = (key: ApiKey, nowMs: number): State => {
  if (key.revokedAtMs !== undefined) return 'revoked';
  return (endOf(key) ?? Number.POSITIVE_INFINITY) <= nowMs ? 'expired' : 'valid';
};

/** A key as it may be shown: without its hash. */
export const toKeyView = (key: ApiKey, nowMs: number) => ({
  id: key.id,
  state: stateOf(key, nowMs),
  tenant: key.tenant,
  scopes: key.scopes,
  name: key.name,
  created_at: at(key.createdAtMs),
  expires_at: at(key.expiresAtMs),
  revoked_at: at(key.revokedAtMs ?? null),
  replaced_by: key.replacedBy ?? null,
});

export const renderMade = ({ key }: MadeKey): string => {
  const until = key.expiresAtMs === null ? 'for ever' : `until ${at(key.expiresAtMs)}`;
  return `Key ${key.id} of ${key.tenant}: ${key.scopes.join(', ')}, ${until}. It is shown once; only its hash is kept.`;
};

type KeyView = ReturnType<typeof toKeyView>;

export const KEY_COLUMNS: readonly Column<KeyView>[] = [
  { title: 'id', of: ({ id }) => id },
  { title: 'state', of: ({ state }) => state },
  { title: 'tenant', of: ({ tenant }) => tenant },
  { title: 'scopes', of: ({ scopes }) => scopes.join(',') },
  { title: 'expires', of: ({ expires_at }) => expires_at ?? 'never' },
  { title: 'name', of: ({ name }) => name },
];
