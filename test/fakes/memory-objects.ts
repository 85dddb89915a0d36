import type { Objects } from '../../shared/ports/objects.ts';

export interface MemoryObjects extends Objects {
  keys(): readonly string[];
  text(key: string): string;
  forget(key: string): void;
}

export const createMemoryObjects = (): MemoryObjects => {
  const bodies = new Map<string, Uint8Array>();
  return {
    put: async (key, body) => {
      bodies.set(key, Uint8Array.from(body));
    },
    get: async (key, range) => {
      const body = bodies.get(key);
      return range === undefined
        ? body
        : body?.subarray(range.offsetBytes, range.offsetBytes + range.lengthBytes);
    },
    sizeOf: async (key) => bodies.get(key)?.byteLength,
    copy: async (fromKey, toKey) => {
      const body = bodies.get(fromKey);
      if (body !== undefined) bodies.set(toKey, body);
      return body !== undefined;
    },
    keys: () => [...bodies.keys()],
    text: (key) => Buffer.from(bodies.get(key) ?? []).toString('utf8'),
    forget: (key) => {
      bodies.delete(key);
    },
  };
};
