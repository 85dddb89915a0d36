import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { WriteOperation } from './write-queue.ts';

const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;
/** What opening writes besides what it recovers. */
const SPARE_BYTES = 1024 * 1024;
const REASONS = [
  [/no space left/i, 'ENOSPC'],
  [/quota exceeded/i, 'EDQUOT'],
  [/file too large/i, 'EFBIG'],
] as const;

/**
 * A LevelDB that can be written again after a write has failed. By itself it goes on behind the failed write as if
 * nothing had happened, and at its next start drops everything that it wrote there. So it is opened anew first.
 * While there is no room for that it can still be read, and writes are refused.
 */
export class ReopenedLevel {
  readonly #directory: string;
  readonly #level: ClassicLevel<string, string>;
  #isBroken = false;
  #reopening: Promise<void> | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#level = new ClassicLevel<string, string>(directory, { writeBufferSize: WRITE_BUFFER_BYTES });
  }

  static async open(directory: string): Promise<ReopenedLevel> {
    const opened = new ReopenedLevel(directory);
    await opened.#level.open();
    return opened;
  }

  /** To be called one after the other. */
  async write(operations: WriteOperation[]): Promise<void> {
    if (this.#isBroken) await this.#mend();
    try {
      await this.#level.batch(operations);
    } catch (error) {
      this.#isBroken = true;
      throw withCode(error);
    }
  }

  async read<T>(read: (level: ClassicLevel<string, string>) => Promise<T>): Promise<T> {
    if (this.#reopening !== undefined) await this.#reopening.catch(() => {});
    return read(this.#level);
  }

  async *entries(from: string, before: string | undefined): AsyncGenerator<[string, string]> {
    if (this.#reopening !== undefined) await this.#reopening.catch(() => {});
    yield* this.#level.iterator({ gte: from, ...(before !== undefined && { lt: before }) });
  }

  close(): Promise<void> {
    return this.#level.close();
  }

  async #mend(): Promise<void> {
    // A database that was closed already and could not be opened needs no probe.
    if (this.#level.status === 'open') await this.#requireRoom();
    this.#reopening = this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
  }

  async #reopen(): Promise<void> {
    await this.#level.close();
    await this.#level.open().catch((error: unknown) => {
      throw withCode(error);
    });
    this.#isBroken = false;
  }

  /** Opening writes what was in memory to a file of its own. */
  async #requireRoom(): Promise<void> {
    const logs = (await readdir(this.#directory)).filter((name) => name.endsWith('.log'));
    const sizes = await Promise.all(logs.map(async (name) => (await stat(join(this.#directory, name))).size));
    const probe = join(this.#directory, 'probe.tmp');
    try {
      await writeFile(probe, Buffer.alloc(sizes.reduce((sum, size) => sum + size, SPARE_BYTES)));
    } finally {
      await rm(probe, { force: true });
    }
  }
}

/** LevelDB has the reason only in its text. */
export function withCode(error: unknown): unknown {
  const [, code] = REASONS.find(([reason]) => reason.test(String(error))) ?? [];
  return code === undefined ? error : Object.assign(new Error(String(error)), { code });
}
