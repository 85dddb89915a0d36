import type { ApiKey } from '../../shared/contract/api-keys.ts';
import type { ApiKeyStore } from '../../shared/ports/api-key-store.ts';

export const createMemoryApiKeys = (): ApiKeyStore => {
  const keys = new Map<string, ApiKey>();
  return {
    read: async (id) => keys.get(id),
    list: async () => [...keys.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    create: async (key) => {
      if (keys.has(key.id)) return false;
      keys.set(key.id, key);
      return true;
    },
    end: async (id, end) => {
      const key = keys.get(id);
      if (key === undefined) return false;
      const change =
        end.kind === 'revoked'
          ? { revokedAtMs: key.revokedAtMs ?? end.atMs }
          : { expiresAtMs: end.expiresAtMs, replacedBy: end.by };
      keys.set(id, { ...key, ...change });
      return true;
    },
  };
};
