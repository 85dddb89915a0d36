import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Nothing else is ever removed: it is not ours. */
const BLOB_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The bodies of objects, one file each, written before and removed after the record that names it. A file that
 * no record names is what a killed process left, and goes at the next start.
 */
export class BlobDirectory {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string, isNamed: (blob: string) => boolean): Promise<BlobDirectory> {
    await mkdir(directory, { recursive: true });
    const blobs = new BlobDirectory(directory);
    for (const blob of await readdir(directory)) {
      if (BLOB_NAME.test(blob) && !isNamed(blob)) await blobs.remove(blob);
    }
    return blobs;
  }

  /** Returns the name under which the body was written. */
  async write(body: AsyncIterable<Buffer>): Promise<string> {
    const blob = randomUUID();
    try {
      await pipeline(body, createWriteStream(this.#path(blob), { flags: 'wx' }));
      return blob;
    } catch (error) {
      await this.remove(blob);
      throw error;
    }
  }

  /** Undefined when it has been removed. */
  async open(blob: string): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path(blob), 'r');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(blob: string): Promise<void> {
    await rm(this.#path(blob), { force: true });
  }

  #path(blob: string): string {
    return join(this.#directory, blob);
  }
}
