import { mkdir } from 'node:fs/promises';
import { requireSoundLevel } from './level/require-sound-level.ts';
import { ReopenedLevel } from './reopened-level.ts';
import { type WriteOperation, WriteQueue } from './write-queue.ts';

/**
 * The one LevelDB behind queues, topics and S3; messages have a log of their own. A write is in the hands of the
 * operating system before it is acknowledged: that survives the death of this process, not a power loss, and
 * needs no fsync.
 */
export interface CloudDatabase {
  write(operations: readonly WriteOperation[]): Promise<void>;
  get(key: string): Promise<string | undefined>;
  getMany(keys: string[]): Promise<(string | undefined)[]>;
  /** In the order of the keys' UTF-8 bytes, from `from` (included) to `before` (excluded), or to the end. */
  entries(from: string, before: string | undefined): AsyncIterable<readonly [key: string, value: string]>;
  close(): Promise<void>;
}

export async function openCloudDatabase(directory: string): Promise<CloudDatabase> {
  await mkdir(directory, { recursive: true });
  await requireSoundLevel(directory);
  const level = await ReopenedLevel.open(directory);
  const writes = new WriteQueue((operations) => level.write(operations));
  return {
    write: (operations) => writes.write(operations),
    get: (key) => level.read((open) => open.get(key)),
    getMany: (keys) => level.read((open) => open.getMany(keys)),
    entries: (from, before) => level.entries(from, before),
    close: () => level.close(),
  };
}

/**
 * The smallest text after all texts that start with `prefix`, in the order of code points and UTF-8 bytes;
 * undefined when there is none.
 */
export function successorOf(prefix: string): string | undefined {
  const characters = [...prefix];
  const last = characters.pop()?.codePointAt(0);
  if (last === undefined) return undefined;
  if (last === 0x10ffff) return successorOf(characters.join(''));
  return characters.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
}
