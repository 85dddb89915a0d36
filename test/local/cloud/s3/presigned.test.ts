import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { checkPresigned } from '../../../../local/cloud/s3/presigned.ts';
import { type CloudHarness, startHarness } from '../cloud-harness.ts';
import { presign } from './presign.ts';

const Bucket = 'presigned';
let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.s3.send(new CreateBucketCommand({ Bucket }));
  await harness.s3.send(new PutObjectCommand({ Bucket, Key: 'a b/ü', Body: 'text' }));
});
afterAll(() => harness.stop());

const now = () => new Date();
const address = (key: string) => `${harness.cloud.endpoint}/${Bucket}/${encodeURI(key)}`;

test('lets whoever has a presigned URL read, and choose how it is served', async () => {
  const plain = await fetch(await presign(harness.s3, 'GET', address('a b/ü'), { signedAt: now() }));
  expect([plain.status, await plain.text()]).toEqual([200, 'text']);
  const query = { 'response-content-disposition': 'attachment; filename="a.txt"', 'x-id': 'GetObject' };
  const named = await fetch(await presign(harness.s3, 'GET', address('a b/ü'), { signedAt: now(), query }));
  expect(named.headers.get('content-disposition')).toBe('attachment; filename="a.txt"');
});

test('lets whoever has a presigned URL write, with what the signer put into it', async () => {
  const query = { 'x-amz-meta-pool': 'haiku' };
  const url = await presign(harness.s3, 'PUT', address('uploaded'), { signedAt: now(), query });
  expect((await fetch(url, { method: 'PUT', body: 'from afar' })).status).toBe(200);
  const found = await harness.s3.send(new GetObjectCommand({ Bucket, Key: 'uploaded' }));
  expect(await found.Body?.transformToString()).toBe('from afar');
  expect(found.Metadata).toEqual({ pool: 'haiku' });
});

test('refuses a presigned URL that has expired, for reading and for writing', async () => {
  for (const method of ['GET', 'PUT'] as const) {
    const signedAt = new Date(Date.now() - 61_000);
    const url = await presign(harness.s3, method, address('a b/ü'), { signedAt, expiresInSeconds: 60 });
    const response = await fetch(url, { method, ...(method === 'PUT' && { body: 'late' }) });
    expect(response.status).toBe(403);
    const text = await response.text();
    expect(text).toContain('<Code>AccessDenied</Code>');
    expect(text).toContain('<Message>Request has expired</Message>');
  }
});

describe('the check', () => {
  const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
  const GOOD = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'x/20260102/us-east-1/s3/aws4_request',
    'X-Amz-Date': '20260102T030405Z',
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': '0'.repeat(64),
  };
  const check = (parameters: Record<string, string>, nowMs = NOW_MS) =>
    checkPresigned(new URLSearchParams(parameters), nowMs);
  const refusal = (parameters: Record<string, string>, nowMs = NOW_MS) => {
    try {
      check(parameters, nowMs);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test('takes what belongs to the signature off the query', () => {
    const { query, headers } = check({
      ...GOOD,
      'X-Amz-Security-Token': 't',
      'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
      'response-content-type': 'text/plain',
    });
    expect([...query]).toEqual([['response-content-type', 'text/plain']]);
    expect(headers).toEqual({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' });
  });

  test('leaves a query without a signature as it is', () => {
    const { query, headers } = check({ prefix: 'a', 'x-id': 'b' });
    expect([...query.keys()]).toEqual(['prefix', 'x-id']);
    expect(headers).toEqual({});
  });

  test.each([
    [NOW_MS, undefined],
    [NOW_MS + 60_000, undefined],
    [NOW_MS + 60_001, 'Request has expired'],
    [NOW_MS - 15 * 60_000, undefined],
    [NOW_MS - 15 * 60_000 - 1, 'Request is not valid yet'],
  ])('at %d: %s', (nowMs, message) => {
    const refused = refusal(GOOD, nowMs);
    if (message === undefined) expect(refused).toBeUndefined();
    else expect(refused).toMatchObject({ code: 'AccessDenied', status: 403, message });
  });

  test.each([
    ...Object.keys(GOOD).map((name) => [name, '']),
    ['X-Amz-Algorithm', 'AWS4-ECDSA-P256-SHA256'],
    ['X-Amz-Credential', 'x/20260102/us-east-1/sqs/aws4_request'],
    ['X-Amz-Date', '2026-01-02T03:04:05Z'],
    ['X-Amz-Date', '20261302T030405Z'],
    ['X-Amz-Expires', '-1'],
    ['X-Amz-Expires', '604801'],
    ['X-Amz-Expires', '1e3'],
    ['X-Amz-Signature', 'abc'],
  ])('refuses %s = "%s"', (name = '', value = '') => {
    expect(refusal({ ...GOOD, [name]: value })).toMatchObject({
      code: 'AuthorizationQueryParametersError',
      status: 400,
    });
  });

  test.each([
    ['1767323045', undefined],
    ['1767323044', 'Request has expired'],
    ['soon', 'Invalid date (should be seconds since epoch): soon'],
  ])('the older signature with Expires=%s: %s', (Expires, message) => {
    const refused = refusal({ AWSAccessKeyId: 'x', Signature: 'abc=', Expires });
    if (message === undefined) expect(refused).toBeUndefined();
    else expect(refused).toMatchObject({ code: 'AccessDenied', message });
  });

  test('refuses half of the older signature, and both at once', () => {
    expect(refusal({ Signature: 'abc=', Expires: '1767323045' })).toMatchObject({ code: 'AccessDenied' });
    expect(refusal({ ...GOOD, Signature: 'abc=' })).toMatchObject({ code: 'InvalidArgument' });
  });
});
