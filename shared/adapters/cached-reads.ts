import type { Clock } from '../ports/clock.ts';

interface Cached<Value> {
  readonly readAtMs: number;
  readonly value: Promise<Value>;
}

export interface CachedReadOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly freshMs: number;
}

/** More than are asked for within a moment; then all of them are forgotten. */
const MOST_KEPT = 10_000;

/** However many ask, each key is read once in so long. A read that failed is not kept. */
export const cachedReads = <Value>(
  read: (key: string) => Promise<Value>,
  { clock, freshMs }: CachedReadOptions,
): ((key: string) => Promise<Value>) => {
  const cache = new Map<string, Cached<Value>>();
  return (key) => {
    const nowMs = clock.monotonicMs();
    const known = cache.get(key);
    if (known !== undefined && nowMs - known.readAtMs < freshMs) return known.value;
    if (cache.size >= MOST_KEPT) cache.clear();
    const entry = { readAtMs: nowMs, value: read(key) };
    cache.set(key, entry);
    entry.value.catch(() => {
      if (cache.get(key) === entry) cache.delete(key);
    });
    return entry.value;
  };
};
