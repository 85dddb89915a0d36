import { createHash, randomUUID } from 'node:crypto';
import { type CloudDatabase, successorOf } from '../cloud-database.ts';
import type { BlobDirectory } from './blob-directory.ts';
import { KeyedLock } from './keyed-lock.ts';
import { S3Error } from './s3-error.ts';

/**
 * Every key that multipart uploads have in the database, while they are under way:
 *
 *   s3/upload/<id>           an upload
 *   s3/part/<id>/<number>    a part of it, without its body
 */
const UPLOAD_PREFIX = 's3/upload/';
const PART_PREFIX = 's3/part/';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 * 1024;

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Part {
  readonly number: number;
  readonly blob: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAtMs: number;
}

export interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

/** Uploads under way: nothing of them is an object before they are complete. */
export class MultipartUploads {
  readonly #database: CloudDatabase;
  readonly #blobs: BlobDirectory;
  readonly #locks = new KeyedLock();

  constructor(database: CloudDatabase, blobs: BlobDirectory) {
    this.#database = database;
    this.#blobs = blobs;
  }

  async create(upload: Omit<Upload, 'id'>): Promise<string> {
    const created: Upload = { ...upload, id: randomUUID() };
    const key = UPLOAD_PREFIX + created.id;
    await this.#database.write([{ type: 'put', key, value: JSON.stringify(created) }]);
    return created.id;
  }

  async require(bucket: string, key: string, id: string): Promise<Upload> {
    const value = await this.#database.get(UPLOAD_PREFIX + id);
    const upload: Upload | undefined = value === undefined ? undefined : JSON.parse(value);
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw new S3Error(
      'NoSuchUpload',
      'The specified upload does not exist. It may have been aborted or completed.',
    );
  }

  /** A part of the same number is replaced. `describe` may still refuse the body when it is complete. */
  async putPart(
    upload: Upload,
    body: AsyncIterable<Buffer>,
    describe: () => Omit<Part, 'blob'>,
  ): Promise<void> {
    const blob = await this.#blobs.write(body);
    try {
      const part: Part = { ...describe(), blob };
      await this.#locks.run(upload.id, async () => {
        // It may have been completed or aborted while the body came in.
        await this.require(upload.bucket, upload.key, upload.id);
        const key = partKey(upload.id, part.number);
        const before = await this.#database.get(key);
        await this.#database.write([{ type: 'put', key, value: JSON.stringify(part) }]);
        if (before !== undefined) await this.#blobs.remove(JSON.parse(before).blob);
      });
    } catch (error) {
      await this.#blobs.remove(blob);
      throw error;
    }
  }

  /** By number. */
  async parts({ id }: Upload): Promise<Part[]> {
    const parts: Part[] = [];
    const prefix = `${PART_PREFIX}${id}/`;
    for await (const [, value] of this.#database.entries(prefix, successorOf(prefix))) {
      parts.push(JSON.parse(value));
    }
    return parts;
  }

  /** `store` makes the object; the parts go when it is there. */
  complete<T>(
    upload: Upload,
    named: readonly NamedPart[],
    store: (parts: readonly Part[]) => Promise<T>,
  ): Promise<T> {
    return this.#locks.run(upload.id, async () => {
      await this.require(upload.bucket, upload.key, upload.id);
      const stored = await store(choose(await this.parts(upload), named));
      await this.#remove(upload);
      return stored;
    });
  }

  abort(upload: Upload): Promise<void> {
    return this.#locks.run(upload.id, () => this.#remove(upload));
  }

  async *read(parts: readonly Part[]): AsyncGenerator<Buffer> {
    for (const { blob } of parts) {
      const file = await this.#blobs.open(blob);
      if (file === undefined) throw new Error(`The body of a part is missing: ${blob}.`);
      yield* file.createReadStream();
    }
  }

  async #remove(upload: Upload): Promise<void> {
    const parts = await this.parts(upload);
    const keys = [UPLOAD_PREFIX + upload.id, ...parts.map(({ number }) => partKey(upload.id, number))];
    await this.#database.write(keys.map((key) => ({ type: 'del', key })));
    for (const { blob } of parts) await this.#blobs.remove(blob);
  }
}

/** The blobs that uploads under way hold. */
export async function blobsOfUploads(database: CloudDatabase): Promise<string[]> {
  const blobs: string[] = [];
  for await (const [, value] of database.entries(PART_PREFIX, successorOf(PART_PREFIX))) {
    const { blob }: Part = JSON.parse(value);
    blobs.push(blob);
  }
  return blobs;
}

/** Not the MD5 of the object, but that of the MD5s of its parts, and how many they are. */
export function multipartEtag(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
  return `"${hash.digest('hex')}-${parts.length}"`;
}

function choose(present: readonly Part[], named: readonly NamedPart[]): Part[] {
  const byNumber = new Map(present.map((part) => [part.number, part]));
  const chosen = named.map(({ number, etag }, index) => {
    if (number <= (named[index - 1]?.number ?? 0)) {
      throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    const part = byNumber.get(number);
    if (part !== undefined && part.etag === etag) return part;
    throw new S3Error('InvalidPart', `Part ${number} was not uploaded, or has another entity tag.`);
  });
  const isTooSmall = chosen.slice(0, -1).some(({ sizeBytes }) => sizeBytes < MIN_PART_BYTES);
  if (isTooSmall) {
    throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size.');
  }
  return chosen;
}

/** LevelDB orders keys as text; numbers go to 10,000. */
function partKey(id: string, number: number): string {
  return `${PART_PREFIX}${id}/${String(number).padStart(5, '0')}`;
}
