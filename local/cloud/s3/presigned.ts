import { S3Error } from './s3-error.ts';

export interface Presigned {
  /** Without what belongs to the signature. */
  readonly query: URLSearchParams;
  /** What the signer put into the query instead of a header. */
  readonly headers: Readonly<Record<string, string>>;
}

const SIGNATURE_4 = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
] as const;
/** The older signature, with an absolute end: boto3 still makes it unless told otherwise. */
const SIGNATURE_2 = ['AWSAccessKeyId', 'Signature', 'Expires'] as const;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
const MAX_EXPIRES_SECONDS = 604_800;
const CREDENTIAL = /^[^/]+\/\d{8}\/[a-z0-9-]+\/s3\/aws4_request$/;
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** Clocks may differ by this much. */
const MAX_SKEW_MS = 15 * 60 * 1000;

/**
 * Refuses a presigned URL that has expired or is malformed. The signature itself is not verified: this cloud
 * knows no secrets. Without any signature in the query there is nothing to check.
 */
export function checkPresigned(query: URLSearchParams, nowMs: number): Presigned {
  const names = [...query.keys()];
  const isSignature4 = names.some((name) => SIGNATURE_4.some((known) => known === name));
  const isSignature2 = names.some((name) => SIGNATURE_2.some((known) => known === name));
  if (isSignature4 && isSignature2) {
    throw new S3Error('InvalidArgument', 'Only one auth mechanism allowed in a query string.');
  }
  if (isSignature4) checkSignature4(query, nowMs);
  if (isSignature2) checkSignature2(query, nowMs);
  return isSignature4 || isSignature2 ? splitQuery(query) : { query, headers: {} };
}

function checkSignature4(query: URLSearchParams, nowMs: number): void {
  const absent = SIGNATURE_4.filter((name) => (query.get(name) ?? '') === '');
  if (absent.length > 0) {
    throw malformed(
      `Query-string authentication version 4 requires the ${SIGNATURE_4.join(', ')} parameters: ${absent.join(', ')} missing.`,
    );
  }
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') {
    throw malformed('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  }
  if (!CREDENTIAL.test(query.get('X-Amz-Credential') ?? '')) {
    throw malformed('Error parsing the X-Amz-Credential parameter');
  }
  if (!/^[0-9a-f]{64}$/.test(query.get('X-Amz-Signature') ?? '')) {
    throw malformed('X-Amz-Signature must be 64 hexadecimal digits');
  }
  const startMs = parseTime(query.get('X-Amz-Date') ?? '');
  const seconds = query.get('X-Amz-Expires') ?? '';
  if (!/^\d{1,9}$/.test(seconds)) throw malformed('X-Amz-Expires should be a number');
  if (Number(seconds) > MAX_EXPIRES_SECONDS) {
    throw malformed(
      `X-Amz-Expires must be less than a week (in seconds); that is, less than ${MAX_EXPIRES_SECONDS} seconds.`,
    );
  }
  if (startMs > nowMs + MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
  if (startMs + Number(seconds) * 1000 < nowMs) throw new S3Error('AccessDenied', 'Request has expired');
}

function checkSignature2(query: URLSearchParams, nowMs: number): void {
  const absent = SIGNATURE_2.filter((name) => (query.get(name) ?? '') === '');
  if (absent.length > 0) {
    throw new S3Error(
      'AccessDenied',
      `Query-string authentication requires the ${SIGNATURE_2.join(', ')} parameters: ${absent.join(', ')} missing.`,
    );
  }
  const expires = query.get('Expires') ?? '';
  if (!/^\d{1,12}$/.test(expires))
    throw new S3Error('AccessDenied', `Invalid date (should be seconds since epoch): ${expires}`);
  if (Number(expires) * 1000 < nowMs) throw new S3Error('AccessDenied', 'Request has expired');
}

function parseTime(text: string): number {
  const [, year, month, day, hour, minute, second] = TIME.exec(text) ?? [];
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(timeMs))
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  return timeMs;
}

function splitQuery(query: URLSearchParams): Presigned {
  const signature = new Set<string>([...SIGNATURE_4, ...SIGNATURE_2, 'X-Amz-Security-Token']);
  const headers: Record<string, string> = {};
  const rest = new URLSearchParams();
  for (const [name, value] of query) {
    if (signature.has(name)) continue;
    if (/^x-amz-/i.test(name)) headers[name.toLowerCase()] = value;
    else rest.append(name, value);
  }
  return { query: rest, headers };
}

function malformed(message: string): S3Error {
  return new S3Error('AuthorizationQueryParametersError', message);
}
