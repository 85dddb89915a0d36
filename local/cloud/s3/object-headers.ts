import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented } from './s3-error.ts';

const KEPT_HEADERS = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]);
const META_PREFIX = 'x-amz-meta-';

/** To accept these and do nothing would be a lie. Encryption and storage class change nothing one can see. */
const REFUSED_HEADERS =
  /^x-amz-(acl|copy-source.*|grant-.*|object-lock-.*|server-side-encryption-customer-.*|tagging|website-.*|write-offset-bytes)$/;

export function refuseHeaders(headers: IncomingHttpHeaders, operation: string, ...except: string[]): void {
  const refused = Object.keys(headers).find((name) => !except.includes(name) && REFUSED_HEADERS.test(name));
  if (refused !== undefined) throw notImplemented(`${operation} with ${refused}`);
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
