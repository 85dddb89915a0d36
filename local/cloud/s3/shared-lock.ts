import { KeyedLock } from './keyed-lock.ts';

/** Many may share a key. Who wants it alone waits for them, and those who come later wait for that one. */
export class SharedLock {
  readonly #sharing = new Map<string, Set<Promise<unknown>>>();
  readonly #alone = new Map<string, Promise<unknown>>();
  readonly #turns = new KeyedLock();

  async share<T>(key: string, work: () => Promise<T>): Promise<T> {
    for (let alone = this.#alone.get(key); alone !== undefined; alone = this.#alone.get(key)) await alone;
    const sharing = this.#sharing.get(key) ?? new Set();
    this.#sharing.set(key, sharing);
    const working = work();
    const done = working.catch(() => {});
    sharing.add(done);
    try {
      return await working;
    } finally {
      sharing.delete(done);
      if (sharing.size === 0 && this.#sharing.get(key) === sharing) this.#sharing.delete(key);
    }
  }

  alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(key, async () => {
      const before = [...(this.#sharing.get(key) ?? [])];
      const working = Promise.all(before).then(work);
      const done = working.catch(() => {});
      this.#alone.set(key, done);
      try {
        return await working;
      } finally {
        this.#alone.delete(key);
      }
    });
  }
}
