import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** As it came over the wire, escaped once more: so for every service but S3. */
const canonicalPath = (path: string): string => path.split('/').map(escaped).join('/');

/** Of the query as it was sent: a space is %20, and a plus is a plus. */
const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return `${escaped(decodeURIComponent(name))}=${escaped(decodeURIComponent(value))}`;
    })
    .sort()
    .join('&');

export interface Signed {
  /** Such as `AKIDEXAMPLE/20260131/us-east-1/execute-api/aws4_request`. */
  readonly credential: string;
  readonly headers: readonly string[];
  /** Whether the secret makes the same signature of what came. */
  readonly isGenuine: boolean;
}

/**
 * Signature version 4 from its description, by nothing of the code under test:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const verifySignature = (
  request: IncomingMessage,
  body: string,
  secret: string,
): Signed | undefined => {
  const { authorization = '', 'x-amz-date': date } = request.headers;
  const parts = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    authorization,
  );
  if (parts === null || typeof date !== 'string') return undefined;
  const [, credential = '', names = '', signature = ''] = parts;
  const headers = names.split(';');
  const url = new URL(request.url ?? '/', 'http://any');
  const canonical = [
    request.method,
    canonicalPath(url.pathname),
    canonicalQuery(url.search.slice(1)),
    ...headers.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const [, day = '', region = '', service = '', end = ''] = credential.split('/');
  const toSign = ['AWS4-HMAC-SHA256', date, [day, region, service, end].join('/'), sha256(canonical)].join(
    '\n',
  );
  const key = [day, region, service, end].reduce<string | Buffer>(
    (before, part) => hmac(before, part),
    `AWS4${secret}`,
  );
  return { credential, headers, isGenuine: hmac(key, toSign).toString('hex') === signature };
};
