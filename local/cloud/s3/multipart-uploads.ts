import { createHash, randomUUID } from 'node:crypto';
import { type CloudDatabase, successorOf } from '../cloud-database.ts';
import type { WriteOperation } from '../write-queue.ts';
import type { BlobDirectory } from './blob-directory.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { ObjectRecord } from './object-record.ts';
import { readExactly } from './read-exactly.ts';
import { S3Error } from './s3-error.ts';
import {
  COMPLETED_PREFIX,
  type Completed,
  digestOf,
  type NamedPart,
  PART_PREFIX,
  type Part,
  partKey,
  removalOf,
  UPLOAD_PREFIX,
  type Upload,
  type UploadAddress,
} from './upload-records.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 * 1024;

export interface Completion {
  readonly upload: Upload;
  readonly parts: readonly Part[];
  /** Ends the upload in the same write that makes the object, so that no crash can come in between. */
  readonly together: (record: ObjectRecord) => readonly WriteOperation[];
}

/** Uploads under way: nothing of them is an object before they are complete. */
export class MultipartUploads {
  readonly #database: CloudDatabase;
  readonly #blobs: BlobDirectory;
  readonly #nowMs: () => number;
  readonly #locks = new KeyedLock();

  constructor(database: CloudDatabase, blobs: BlobDirectory, nowMs: () => number) {
    this.#database = database;
    this.#blobs = blobs;
    this.#nowMs = nowMs;
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

  /** `store` makes the object. Returns its entity tag, also to those who ask again. */
  complete(
    address: UploadAddress,
    named: readonly NamedPart[],
    store: (completion: Completion) => Promise<ObjectRecord>,
  ): Promise<string> {
    return this.#locks.run(address.id, async () => {
      const partsDigest = digestOf(named);
      const done = await this.#completed(address, partsDigest);
      if (done !== undefined) return done.etag;
      const upload = await this.require(address.bucket, address.key, address.id);
      const present = await this.parts(upload);
      const together = ({ etag }: ObjectRecord): WriteOperation[] => {
        const completed: Completed = { ...address, partsDigest, etag, completedAtMs: this.#nowMs() };
        const key = COMPLETED_PREFIX + upload.id;
        return [...removalOf(upload, present), { type: 'put', key, value: JSON.stringify(completed) }];
      };
      const { etag } = await store({ upload, parts: choose(present, named), together });
      for (const { blob } of present) await this.#blobs.remove(blob);
      return etag;
    });
  }

  abort(upload: Upload): Promise<void> {
    return this.#locks.run(upload.id, async () => {
      const parts = await this.parts(upload);
      await this.#database.write(removalOf(upload, parts));
      for (const { blob } of parts) await this.#blobs.remove(blob);
    });
  }

  async *read(parts: readonly Part[]): AsyncGenerator<Buffer> {
    for (const { blob, sizeBytes } of parts) {
      const file = await this.#blobs.open(blob);
      if (file === undefined) throw new Error(`The body of a part is missing: ${blob}.`);
      try {
        yield* readExactly(file, { first: 0, sizeBytes });
      } finally {
        await file.close();
      }
    }
  }

  async #completed({ id, bucket, key }: UploadAddress, partsDigest: string): Promise<Completed | undefined> {
    const value = await this.#database.get(COMPLETED_PREFIX + id);
    const done: Completed | undefined = value === undefined ? undefined : JSON.parse(value);
    return done?.bucket === bucket && done.key === key && done.partsDigest === partsDigest ? done : undefined;
  }
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
