import { API_KEY_FRESH_MS, type ApiKey } from '../contract/api-keys.ts';
import type { ApiKeyReader } from '../ports/api-key-store.ts';
import type { Clock } from '../ports/clock.ts';

/** Whoever makes up ids fills no memory with them. */
const MOST_KEPT = 1_000;

export interface CachedApiKeysOptions {
  readonly keys: ApiKeyReader;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

interface Reading {
  readonly key: Promise<ApiKey | undefined>;
  readonly atMs: number;
}

/** However many calls show a key, it is read once in so long; that there is none is remembered as well. */
export const createCachedApiKeys = ({ keys, clock }: CachedApiKeysOptions): ApiKeyReader => {
  const readings = new Map<string, Reading>();
  const keep = (id: string, reading: Reading): void => {
    // Moved to the end, so that the first one is the oldest.
    readings.delete(id);
    readings.set(id, reading);
    const [oldest] = readings.keys();
    if (readings.size > MOST_KEPT && oldest !== undefined) readings.delete(oldest);
  };
  return {
    read: (id) => {
      const nowMs = clock.monotonicMs();
      const last = readings.get(id);
      if (last !== undefined && nowMs - last.atMs < API_KEY_FRESH_MS) return last.key;
      const reading = { key: keys.read(id), atMs: nowMs };
      keep(id, reading);
      // What could not be read is asked for again by the next one.
      reading.key.catch(() => {
        if (readings.get(id) === reading) readings.delete(id);
      });
      return reading.key;
    },
  };
};
