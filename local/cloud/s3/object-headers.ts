import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented, S3Error } from './s3-error.ts';

const KEPT_HEADERS = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]);
const OWNER_HEADERS = ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner'] as const;
const META_PREFIX = 'x-amz-meta-';

/** To accept these and do nothing would be a lie. */
const REFUSED_HEADERS =
  /^x-amz-(copy-source.*|grant-.*|if-match-.*|mp-object-size|object-lock-.*|server-side-encryption-.+|tagging|website-.*|write-offset-bytes)$/;
/** These say what is so anyway; any other value would be a lie, too. */
const ONLY_VALUES: Readonly<Record<string, string>> = {
  'x-amz-acl': 'private',
  'x-amz-bucket-object-lock-enabled': 'false',
  'x-amz-object-ownership': 'BucketOwnerEnforced',
  'x-amz-server-side-encryption': 'AES256',
};
const STORAGE_CLASS = 'x-amz-storage-class';

export function refuseHeaders(headers: IncomingHttpHeaders, operation: string, ...except: string[]): void {
  for (const [name, value] of Object.entries(headers)) {
    const only = ONLY_VALUES[name];
    if (only !== undefined && String(value).toLowerCase() !== only.toLowerCase())
      throw notImplemented(`${operation} with ${name} other than ${only}`);
    if (!except.includes(name) && REFUSED_HEADERS.test(name))
      throw notImplemented(`${operation} with ${name}`);
  }
  if ((headers[STORAGE_CLASS] ?? 'STANDARD') === 'STANDARD') return;
  throw new S3Error('InvalidStorageClass', 'The storage class of this local cloud is always STANDARD.');
}

/** Who says whose bucket it is wants to be refused when that is wrong. */
export function refuseOtherOwner(headers: IncomingHttpHeaders, accountId: string): void {
  for (const name of OWNER_HEADERS) {
    if ((headers[name] ?? accountId) !== accountId)
      throw new S3Error('AccessDenied', `Access Denied: ${name} is not ${accountId}, whose all buckets are.`);
  }
}

/** What an object gives back as it was given. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue;
    if (name === 'content-encoding') {
      const encoding = withoutAwsChunked(value);
      if (encoding !== '') kept[name] = encoding;
    } else if (KEPT_HEADERS.has(name) || name.startsWith(META_PREFIX)) {
      kept[name] = value;
    }
  }
  return kept;
}

/** What a reader asks to be told instead, for example a file name for a download. */
export function overriddenHeaders(query: URLSearchParams): Record<string, string> {
  const overridden: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = query.get(`response-${name}`);
    if (value !== null) overridden[name] = value;
  }
  return overridden;
}

export const RESPONSE_PARAMETERS = [...KEPT_HEADERS].map((name) => `response-${name}`);

/** It belongs to the transfer, not to the object. */
function withoutAwsChunked(contentEncoding: string): string {
  return contentEncoding
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== 'aws-chunked')
    .join(', ');
}
