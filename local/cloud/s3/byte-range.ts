import { S3Error } from './s3-error.ts';

export interface ByteRange {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

/** Of the source of a part: exactly one range, both ends given and inside of the object. */
export function parseSourceRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(header.trim()) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (first !== '' && range.first <= range.last && range.last < sizeBytes) return range;
  throw new S3Error(
    'InvalidArgument',
    `Range specified is not valid for source object of size: ${sizeBytes}. Write it as bytes=first-last.`,
  );
}

/** Undefined means the whole object: S3 ignores several ranges at once, and what it cannot read. */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined;
  const first = from === '' ? Math.max(sizeBytes - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first <= last) return { first, last };
  throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
    'content-range': `bytes */${sizeBytes}`,
  });
}
