import { successorOf } from '../cloud-database.ts';
import type { ObjectRecord } from './object-record.ts';

export interface ObjectEntry {
  readonly key: string;
  readonly record: ObjectRecord;
}

export interface ObjectListOptions {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  readonly maxKeys: number;
  /** The first key that may be listed. */
  readonly from: string;
}

export interface ObjectListing {
  readonly contents: readonly ObjectEntry[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page starts; undefined when this is the last one. */
  readonly next: string | undefined;
}

/** `before` excluded; undefined for no end. */
export type ReadEntries = (from: string, before: string | undefined) => AsyncIterable<ObjectEntry>;

/** Keys behind a common prefix are jumped over, not read. */
export async function listObjects(read: ReadEntries, options: ObjectListOptions): Promise<ObjectListing> {
  const { prefix, maxKeys } = options;
  const contents: ObjectEntry[] = [];
  const commonPrefixes: string[] = [];
  const before = successorOf(prefix);
  let from: string | undefined = laterOf(prefix, options.from);
  if (maxKeys === 0) return { contents, commonPrefixes, next: undefined };
  while (from !== undefined) {
    const start: string = from;
    from = undefined;
    for await (const entry of read(start, before)) {
      if (contents.length + commonPrefixes.length === maxKeys)
        return { contents, commonPrefixes, next: entry.key };
      const common = commonPrefixOf(entry.key, options);
      if (common === undefined) {
        contents.push(entry);
        continue;
      }
      commonPrefixes.push(common);
      from = successorOf(common);
      break;
    }
  }
  return { contents, commonPrefixes, next: undefined };
}

/** The first key after `key`, for a listing that starts after it. */
export function keyAfter(key: string): string {
  return `${key}\0`;
}

function commonPrefixOf(key: string, { prefix, delimiter }: ObjectListOptions): string | undefined {
  if (delimiter === '') return undefined;
  const index = key.indexOf(delimiter, prefix.length);
  return index < 0 ? undefined : key.slice(0, index + delimiter.length);
}

/** In the order in which keys are listed. */
export function laterOf(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) >= 0 ? a : b;
}
