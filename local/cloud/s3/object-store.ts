import type { FileHandle } from 'node:fs/promises';
import { type CloudDatabase, successorOf } from '../cloud-database.ts';
import type { WriteOperation } from '../write-queue.ts';
import { BlobDirectory } from './blob-directory.ts';
import { KeyedLock } from './keyed-lock.ts';
import { listObjects, type ObjectEntry, type ObjectListing, type ObjectListOptions } from './list-objects.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import type { ObjectRecord } from './object-record.ts';
import { S3Error } from './s3-error.ts';
import { SharedLock } from './shared-lock.ts';
import { blobsOfUploads, forgetCompleted } from './upload-records.ts';

/**
 * Every key that S3 has in the database:
 *
 *   s3/bucket/<bucket>          a bucket
 *   s3/object/<bucket>/<key>    an object, without its body
 */
const BUCKET_PREFIX = 's3/bucket/';
const OBJECT_PREFIX = 's3/object/';

export interface BucketRecord {
  readonly name: string;
  readonly createdAtMs: number;
}

export interface ObjectStoreOptions {
  readonly database: CloudDatabase;
  readonly directory: string;
  readonly region: string;
  readonly nowMs: () => number;
}

/** Throws to refuse a change, on seeing what is there now. */
export type Precondition = (current: ObjectRecord | undefined) => void;

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: AsyncIterable<Buffer>;
  /** Asked after the body is complete; may still refuse it by throwing. */
  readonly describe: () => Omit<ObjectRecord, 'blob' | 'modifiedAtMs'>;
  readonly precondition: Precondition;
  /** What must become true together with the object. */
  readonly together?: (record: ObjectRecord) => readonly WriteOperation[];
}

export class ObjectStore {
  readonly region: string;
  readonly uploads: MultipartUploads;
  readonly #database: CloudDatabase;
  readonly #blobs: BlobDirectory;
  readonly #nowMs: () => number;
  /** From looking at an object to changing it, nobody else may change it. */
  readonly #locks = new KeyedLock();
  /** Who puts an object shares its bucket, who deletes the bucket wants it alone. */
  readonly #buckets = new SharedLock();

  constructor(options: ObjectStoreOptions, blobs: BlobDirectory) {
    this.region = options.region;
    this.#database = options.database;
    this.#nowMs = options.nowMs;
    this.#blobs = blobs;
    this.uploads = new MultipartUploads(options.database, blobs, options.nowMs);
  }

  /** False when it was there already. */
  createBucket(name: string): Promise<boolean> {
    return this.#buckets.alone(name, async () => {
      if (await this.hasBucket(name)) return false;
      const record: BucketRecord = { name, createdAtMs: this.#nowMs() };
      await this.#database.write([{ type: 'put', key: BUCKET_PREFIX + name, value: JSON.stringify(record) }]);
      return true;
    });
  }

  /** False when it is not empty. What is on its way into the bucket finds it gone. */
  deleteBucket(name: string): Promise<boolean> {
    return this.#buckets.alone(name, async () => {
      for await (const _ of this.#entries(name, '', undefined)) return false;
      await this.#database.write([{ type: 'del', key: BUCKET_PREFIX + name }]);
      return true;
    });
  }

  async hasBucket(name: string): Promise<boolean> {
    return (await this.#database.get(BUCKET_PREFIX + name)) !== undefined;
  }

  async requireBucket(name: string): Promise<void> {
    if (await this.hasBucket(name)) return;
    throw new S3Error('NoSuchBucket', `The specified bucket does not exist: "${name}".`);
  }

  async buckets(): Promise<BucketRecord[]> {
    const buckets: BucketRecord[] = [];
    for await (const [, value] of this.#database.entries(BUCKET_PREFIX, successorOf(BUCKET_PREFIX))) {
      buckets.push(JSON.parse(value));
    }
    return buckets;
  }

  async find(bucket: string, key: string): Promise<ObjectRecord | undefined> {
    const value = await this.#database.get(objectKey(bucket, key));
    return value === undefined ? undefined : JSON.parse(value);
  }

  async put(object: NewObject): Promise<ObjectRecord> {
    const blob = await this.#blobs.write(object.body);
    let unnamed: string | undefined = blob;
    try {
      const described = object.describe();
      const { record, before } = await this.#locks.run(objectKey(object.bucket, object.key), () =>
        this.#buckets.share(object.bucket, () => this.#replace(object, { ...described, blob })),
      );
      unnamed = before;
      return record;
    } finally {
      if (unnamed !== undefined) await this.#blobs.remove(unnamed);
    }
  }

  async #replace(
    { bucket, key, precondition, together = () => [] }: NewObject,
    described: Omit<ObjectRecord, 'modifiedAtMs'>,
  ): Promise<{ record: ObjectRecord; before: string | undefined }> {
    const current = await this.find(bucket, key);
    precondition(current);
    // It may have been deleted while the body came in.
    await this.requireBucket(bucket);
    const record: ObjectRecord = { ...described, modifiedAtMs: this.#nowMs() };
    const value = JSON.stringify(record);
    await this.#database.write([{ type: 'put', key: objectKey(bucket, key), value }, ...together(record)]);
    return { record, before: current?.blob };
  }

  /** Deleting what is not there is no error. */
  delete(bucket: string, key: string, precondition: Precondition): Promise<void> {
    return this.#locks.run(objectKey(bucket, key), async () => {
      const current = await this.find(bucket, key);
      precondition(current);
      if (current === undefined) return;
      await this.#database.write([{ type: 'del', key: objectKey(bucket, key) }]);
      await this.#blobs.remove(current.blob);
    });
  }

  /** The caller closes `file`. */
  async open(bucket: string, key: string): Promise<{ record: ObjectRecord; file: FileHandle } | undefined> {
    for (;;) {
      const record = await this.find(bucket, key);
      if (record === undefined) return undefined;
      const file = await this.#blobs.open(record.blob);
      // Without a file, the object was replaced between the two looks: look again.
      if (file !== undefined) return { record, file };
      if ((await this.find(bucket, key))?.blob === record.blob)
        throw new Error(`The body of ${key} is missing.`);
    }
  }

  list(bucket: string, options: ObjectListOptions): Promise<ObjectListing> {
    return listObjects((from, before) => this.#entries(bucket, from, before), options);
  }

  async *#entries(bucket: string, from: string, before: string | undefined): AsyncIterable<ObjectEntry> {
    const start = objectKey(bucket, '');
    const end = before === undefined ? successorOf(start) : start + before;
    for await (const [key, value] of this.#database.entries(start + from, end)) {
      yield { key: key.slice(start.length), record: JSON.parse(value) };
    }
  }
}

export async function openObjectStore(options: ObjectStoreOptions): Promise<ObjectStore> {
  await forgetCompleted(options.database, options.nowMs());
  const named = new Set(await blobsOfUploads(options.database));
  for await (const [, value] of options.database.entries(OBJECT_PREFIX, successorOf(OBJECT_PREFIX))) {
    const { blob }: ObjectRecord = JSON.parse(value);
    named.add(blob);
  }
  return new ObjectStore(options, await BlobDirectory.open(options.directory, (blob) => named.has(blob)));
}

/** A bucket's name holds no slash, so no two objects share a key. */
function objectKey(bucket: string, key: string): string {
  return `${OBJECT_PREFIX}${bucket}/${key}`;
}
