import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { type CloudHarness, refusalOf, startHarness } from '../cloud-harness.ts';

const Bucket = 'bedrock-calls';
let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => harness.stop());

const put = (
  Key: string,
  Body: NonNullable<PutObjectCommandInput['Body']>,
  more: Partial<PutObjectCommandInput> = {},
) => harness.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  harness.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));

async function textOf(Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<string | undefined> {
  return (await get(Key, more)).Body?.transformToString();
}

test('keeps a body with its type, its metadata and its MD5 as ETag', async () => {
  const text = 'line one\nline two 😀';
  const sent = await put('a/b.jsonl', text, {
    ContentType: 'application/x-ndjson',
    CacheControl: 'no-store',
    Metadata: { pool: 'haiku', count: '2' },
  });
  expect(sent.ETag).toBe('"f22df4873beb4ee738ec252c4e92950d"');
  const found = await get('a/b.jsonl');
  expect(await found.Body?.transformToString()).toBe(text);
  expect(found).toMatchObject({
    ETag: sent.ETag,
    ContentType: 'application/x-ndjson',
    CacheControl: 'no-store',
    ContentLength: 22,
    Metadata: { pool: 'haiku', count: '2' },
  });
  expect(found.ContentEncoding).toBeUndefined();
  const head = await harness.s3.send(new HeadObjectCommand({ Bucket, Key: 'a/b.jsonl' }));
  expect(head).toMatchObject({ ETag: sent.ETag, ContentLength: 22, Metadata: { pool: 'haiku', count: '2' } });
});

test.each([0, 1, 65_536, 1_048_576, 5_000_000])('carries %d bytes', async (size) => {
  const body = Buffer.alloc(size, 'abcdefghijk');
  const { ETag } = await put('sized', body);
  expect(ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
  const bytes = await (await get('sized')).Body?.transformToByteArray();
  expect(Buffer.compare(Buffer.from(bytes ?? []), body)).toBe(0);
});

test.each(['with blank', 'ümläut/日本/😀', 'a//b', '../up', 'a+b=c&d?e#f', '100%', '<xml>&"quotes"'])(
  'finds the key %j again',
  async (key) => {
    await put(key, key);
    expect(await textOf(key)).toBe(key);
    const { Deleted } = await harness.s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }),
    );
    expect(Deleted).toEqual([{ Key: key }]);
    expect((await refusalOf(get(key))).name).toBe('NoSuchKey');
  },
);

test.each([
  ['bytes=0-3', '0123', 'bytes 0-3/10'],
  ['bytes=4-', '456789', 'bytes 4-9/10'],
  ['bytes=-2', '89', 'bytes 8-9/10'],
  ['bytes=-20', '0123456789', 'bytes 0-9/10'],
  ['bytes=8-99', '89', 'bytes 8-9/10'],
])('answers the range %s', async (Range, expected, contentRange) => {
  await put('ranged', '0123456789');
  const found = await get('ranged', { Range });
  expect(found.$metadata.httpStatusCode).toBe(206);
  expect(found.ContentRange).toBe(contentRange);
  expect(await found.Body?.transformToString()).toBe(expected);
});

test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('refuses the range %s', async (Range) => {
  await put('ranged', '0123456789');
  expect(await refusalOf(get('ranged', { Range }))).toMatchObject({ name: 'InvalidRange', status: 416 });
});

test.each(['bytes=3-1', 'bytes=0-1,3-4', 'lines=1-2'])('gives all for %s', async (Range) => {
  await put('ranged', '0123456789');
  expect(await textOf('ranged', { Range })).toBe('0123456789');
});

test('reads a range from the middle of a large object', async () => {
  const body = Buffer.alloc(8_000_000, '0123456789');
  await put('large', body);
  const bytes = await (await get('large', { Range: 'bytes=3000005-6000004' })).Body?.transformToByteArray();
  expect(Buffer.compare(Buffer.from(bytes ?? []), body.subarray(3_000_005, 6_000_005))).toBe(0);
});

test('puts only what is not there with If-None-Match', async () => {
  await put('once', 'first', { IfNoneMatch: '*' });
  expect(await refusalOf(put('once', 'second', { IfNoneMatch: '*' }))).toMatchObject({
    name: 'PreconditionFailed',
    status: 412,
  });
  expect(await textOf('once')).toBe('first');
});

test('lets exactly one of many conditional puts win', async () => {
  const puts = Array.from({ length: 10 }, (_, index) => put('raced', `put ${index}`, { IfNoneMatch: '*' }));
  const outcomes = await Promise.allSettled(puts);
  const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await textOf('raced')).toBe(`put ${winner}`);
});

test('replaces only what is known with If-Match', async () => {
  const { ETag } = await put('matched', 'first');
  await put('matched', 'second', { IfMatch: ETag });
  expect(await refusalOf(put('matched', 'third', { IfMatch: ETag }))).toMatchObject({
    name: 'PreconditionFailed',
    status: 412,
  });
  expect((await refusalOf(put('unheard-of', 'a', { IfMatch: ETag }))).name).toBe('NoSuchKey');
  expect(await textOf('matched')).toBe('second');
});

test('reads on conditions', async () => {
  const { ETag } = await put('conditional', 'a');
  expect(await textOf('conditional', { IfMatch: ETag })).toBe('a');
  expect((await refusalOf(get('conditional', { IfMatch: '"other"' }))).status).toBe(412);
  expect((await refusalOf(get('conditional', { IfNoneMatch: ETag }))).status).toBe(304);
});

test('refuses a body that is not what its sender meant', async () => {
  expect(await refusalOf(put('bad', 'a', { ChecksumCRC32: 'AAAAAA==' }))).toMatchObject({
    name: 'BadDigest',
  });
  expect(await refusalOf(put('bad', 'a', { ChecksumSHA256: 'AAAA' }))).toMatchObject({ name: 'BadDigest' });
  expect(await refusalOf(put('bad', 'a', { ContentMD5: 'AAAA' }))).toMatchObject({ name: 'BadDigest' });
  expect((await refusalOf(get('bad'))).name).toBe('NoSuchKey');
});

test('gives the verified checksum back', async () => {
  const sent = await put('sum', 'hello\n', { ChecksumAlgorithm: 'SHA256' });
  expect(sent.ChecksumSHA256).toBe('WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=');
  expect((await get('sum', { ChecksumMode: 'ENABLED' })).ChecksumSHA256).toBe(sent.ChecksumSHA256);
});

test('takes a body of unknown checksum from a stream, in chunks', async () => {
  const parts = ['first ', 'second 😀 ', 'third'];
  const stream = Readable.from(parts.map((part) => Buffer.from(part)));
  await put('streamed', stream, {
    ContentLength: Buffer.byteLength(parts.join('')),
    ContentEncoding: 'identity',
  });
  expect(await textOf('streamed')).toBe(parts.join(''));
  expect((await get('streamed')).ContentEncoding).toBe('identity');
});

test('keeps a content encoding and takes only the transfer encoding off', async () => {
  await put('zipped', 'not really', { ContentEncoding: 'gzip' });
  const head = await harness.s3.send(new HeadObjectCommand({ Bucket, Key: 'zipped' }));
  expect(head.ContentEncoding).toBe('gzip');
});

test('deletes one, and one that is not there', async () => {
  await put('gone', 'a');
  await harness.s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
  await harness.s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
  expect(await refusalOf(get('gone'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
  const head = new HeadObjectCommand({ Bucket, Key: 'gone' });
  expect(await refusalOf(harness.s3.send(head))).toMatchObject({ name: 'NotFound', status: 404 });
});

test('deletes many at once', async () => {
  for (const key of ['d/1', 'd/2']) await put(key, 'a');
  const Delete = { Quiet: true, Objects: [{ Key: 'd/1' }, { Key: 'd/2' }, { Key: 'd/3' }] };
  const { Deleted, Errors } = await harness.s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
  expect([Deleted, Errors]).toEqual([undefined, undefined]);
  expect((await refusalOf(get('d/2'))).name).toBe('NoSuchKey');
});

test('knows its buckets', async () => {
  await harness.s3.send(new CreateBucketCommand({ Bucket: 'another' }));
  await harness.s3.send(new CreateBucketCommand({ Bucket: 'another' }));
  await harness.s3.send(new HeadBucketCommand({ Bucket: 'another' }));
  const { Buckets = [] } = await harness.s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toEqual(['another', Bucket]);
  const missing = new HeadBucketCommand({ Bucket: 'missing' });
  expect(await refusalOf(harness.s3.send(missing))).toMatchObject({ name: 'NotFound', status: 404 });
  const upper = new CreateBucketCommand({ Bucket: 'Upper_Case' });
  expect((await refusalOf(harness.s3.send(upper))).name).toBe('InvalidBucketName');
  const elsewhere = new PutObjectCommand({ Bucket: 'missing', Key: 'a', Body: 'a' });
  expect(await refusalOf(harness.s3.send(elsewhere))).toMatchObject({ name: 'NoSuchBucket', status: 404 });
});

test('answers a repeated CreateBucket outside us-east-1 with a conflict', async () => {
  const ireland = await startHarness('eu-west-1');
  try {
    await ireland.s3.send(new CreateBucketCommand({ Bucket }));
    const refusal = await refusalOf(ireland.s3.send(new CreateBucketCommand({ Bucket })));
    expect(refusal).toMatchObject({ name: 'BucketAlreadyOwnedByYou', status: 409 });
  } finally {
    await ireland.stop();
  }
});

test('says so when it does not support something', async () => {
  await put('plain', 'a');
  const refusals = await Promise.all([
    refusalOf(harness.s3.send(new ListMultipartUploadsCommand({ Bucket }))),
    refusalOf(harness.s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'plain' }))),
    refusalOf(harness.s3.send(new PutObjectAclCommand({ Bucket, Key: 'plain', ACL: 'private' }))),
    refusalOf(harness.s3.send(new GetBucketVersioningCommand({ Bucket }))),
    refusalOf(put('tagged', 'a', { Tagging: 'a=b' })),
    refusalOf(get('plain', { VersionId: '1' })),
  ]);
  expect(new Set(refusals.map(({ name }) => name))).toEqual(new Set(['NotImplemented']));
  expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([501]));
});

test('a restart keeps objects', async () => {
  await put('kept', 'over a restart 😀', { Metadata: { a: 'b' } });
  await harness.restart();
  const found = await get('kept');
  expect(await found.Body?.transformToString()).toBe('over a restart 😀');
  expect(found.Metadata).toEqual({ a: 'b' });
});
