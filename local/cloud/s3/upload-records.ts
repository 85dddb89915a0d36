import { createHash } from 'node:crypto';
import { type CloudDatabase, successorOf } from '../cloud-database.ts';
import type { WriteOperation } from '../write-queue.ts';

/**
 * Every key that multipart uploads have in the database:
 *
 *   s3/upload/<id>           an upload under way
 *   s3/part/<id>/<number>    a part of it, without its body
 *   s3/completed/<id>        what became of it, for who asks for its completion again
 */
export const UPLOAD_PREFIX = 's3/upload/';
export const PART_PREFIX = 's3/part/';
export const COMPLETED_PREFIX = 's3/completed/';
/** Who repeats a completion does so since the answer to it was lost, not a day later. */
const COMPLETED_KEPT_MS = 24 * 3600 * 1000;

export interface UploadAddress {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
}

export interface Upload extends UploadAddress {
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

export interface Completed extends UploadAddress {
  readonly partsDigest: string;
  readonly etag: string;
  readonly completedAtMs: number;
}

export function removalOf({ id }: Upload, parts: readonly Part[]): WriteOperation[] {
  const keys = [UPLOAD_PREFIX + id, ...parts.map(({ number }) => partKey(id, number))];
  return keys.map((key) => ({ type: 'del', key }));
}

export function digestOf(named: readonly NamedPart[]): string {
  return createHash('sha256').update(JSON.stringify(named)).digest('hex');
}

export async function forgetCompleted(database: CloudDatabase, nowMs: number): Promise<void> {
  const old: WriteOperation[] = [];
  for await (const [key, value] of database.entries(COMPLETED_PREFIX, successorOf(COMPLETED_PREFIX))) {
    const { completedAtMs }: Completed = JSON.parse(value);
    if (completedAtMs + COMPLETED_KEPT_MS < nowMs) old.push({ type: 'del', key });
  }
  await database.write(old);
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

/** LevelDB orders keys as text; numbers go to 10,000. */
export function partKey(id: string, number: number): string {
  return `${PART_PREFIX}${id}/${String(number).padStart(5, '0')}`;
}
