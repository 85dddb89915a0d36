import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectRecord } from './object-record.ts';
import { S3Error } from './s3-error.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function checkWrite(headers: IncomingHttpHeaders, current: ObjectRecord | undefined): void {
  if (headers['if-none-match'] !== undefined && matches(headers['if-none-match'], current)) {
    throw failed('If-None-Match');
  }
  if (headers['if-match'] === undefined) return;
  if (current === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  if (!matches(headers['if-match'], current)) throw failed('If-Match');
}

/** True when the caller's copy is still good, for a 304. */
export function checkRead(headers: IncomingHttpHeaders, current: ObjectRecord): boolean {
  const modifiedAtSeconds = Math.floor(current.modifiedAtMs / 1000);
  const since = (header: string | undefined) => Date.parse(header ?? '') / 1000;
  if (headers['if-match'] !== undefined) {
    if (!matches(headers['if-match'], current)) throw failed('If-Match');
  } else if (modifiedAtSeconds > since(headers['if-unmodified-since'])) {
    throw failed('If-Unmodified-Since');
  }
  if (headers['if-none-match'] !== undefined) return matches(headers['if-none-match'], current);
  return modifiedAtSeconds <= since(headers['if-modified-since']);
}

function matches(header: string, current: ObjectRecord | undefined): boolean {
  if (current === undefined) return false;
  return header.split(',').some((part) => {
    const tag = part.trim().replace(/^"|"$/g, '');
    return tag === '*' || `"${tag}"` === current.etag;
  });
}

function failed(condition: string): S3Error {
  return new S3Error(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold: ${condition}.`,
  );
}
