import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { type CloudHarness, refusalOf, startHarness } from '../cloud-harness.ts';

const Bucket = 'multipart';
const FIVE_MIB = 5 * 1024 * 1024;
let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => harness.stop());

async function begin(Key: string): Promise<string> {
  const command = new CreateMultipartUploadCommand({
    Bucket,
    Key,
    ContentType: 'text/x',
    Metadata: { a: 'b' },
  });
  return (await harness.s3.send(command)).UploadId ?? '';
}

async function upload(Key: string, UploadId: string, PartNumber: number, Body: Buffer | string) {
  const { ETag } = await harness.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { ETag, PartNumber };
}

const complete = (
  Key: string,
  UploadId: string,
  Parts: { ETag: string | undefined; PartNumber: number }[],
  more = {},
) =>
  harness.s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
  );

test('joins its parts in the order of their numbers, over a restart between them', async () => {
  const UploadId = await begin('big 😀');
  const second = await upload('big 😀', UploadId, 2, 'the end');
  await harness.restart();
  await upload('big 😀', UploadId, 1, 'to be replaced');
  const first = await upload('big 😀', UploadId, 1, Buffer.alloc(FIVE_MIB, 'x'));
  expect(await refusalOf(harness.s3.send(new HeadObjectCommand({ Bucket, Key: 'big 😀' })))).toMatchObject({
    status: 404,
  });
  const { ETag } = await complete('big 😀', UploadId, [first, second]);
  expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  const found = await harness.s3.send(
    new GetObjectCommand({ Bucket, Key: 'big 😀', Range: `bytes=${FIVE_MIB - 2}-` }),
  );
  expect(await found.Body?.transformToString()).toBe('xxthe end');
  expect(found).toMatchObject({ ETag, ContentType: 'text/x', Metadata: { a: 'b' } });
  expect(await readdir(join(harness.dataDir, 'objects'))).toHaveLength(1);
  expect(await refusalOf(complete('big 😀', UploadId, [first]))).toMatchObject({
    name: 'NoSuchUpload',
    status: 404,
  });
});

test('answers a completion that is asked for again as the first one, over a restart too', async () => {
  const UploadId = await begin('again');
  const first = await upload('again', UploadId, 1, 'a');
  const once = await complete('again', UploadId, [first], { IfNoneMatch: '*' });
  const twice = await complete('again', UploadId, [first], { IfNoneMatch: '*' });
  await harness.restart();
  const thrice = await complete('again', UploadId, [first], { IfNoneMatch: '*' });
  for (const repeated of [twice, thrice]) {
    expect(repeated).toMatchObject({ ETag: once.ETag, Key: 'again', Bucket, Location: '/multipart/again' });
  }
  expect(await refusalOf(complete('elsewhere', UploadId, [first]))).toMatchObject({ name: 'NoSuchUpload' });
  const abort = new AbortMultipartUploadCommand({ Bucket, Key: 'again', UploadId });
  expect(await refusalOf(harness.s3.send(abort))).toMatchObject({ name: 'NoSuchUpload' });
});

test('two completions at once make one object', async () => {
  const UploadId = await begin('at once');
  const first = await upload('at once', UploadId, 1, 'a');
  const both = await Promise.all([
    complete('at once', UploadId, [first]),
    complete('at once', UploadId, [first]),
  ]);
  // printf a | md5sum | xxd -r -p | md5sum
  const etag = '"b6ff9a06b7e20bcb2858c5b8ff744aea-1"';
  expect(both.map(({ ETag }) => ETag)).toEqual([etag, etag]);
});

test('refuses parts that are too small, out of order, unknown or changed, and goes on', async () => {
  const UploadId = await begin('strict');
  const first = await upload('strict', UploadId, 1, 'a');
  const second = await upload('strict', UploadId, 2, 'b');
  const refused = async (parts: { ETag: string | undefined; PartNumber: number }[]) =>
    (await refusalOf(complete('strict', UploadId, parts))).name;
  expect(await refused([first, second])).toBe('EntityTooSmall');
  expect(await refused([second, first])).toBe('InvalidPartOrder');
  expect(await refused([first, { ...second, PartNumber: 3 }])).toBe('InvalidPart');
  expect(await refused([{ ...first, ETag: second.ETag }])).toBe('InvalidPart');
  expect(await refused([])).toBe('MalformedXML');
  expect(await refusalOf(upload('strict', UploadId, 10_001, 'a'))).toMatchObject({ name: 'InvalidArgument' });
  const { ETag } = await complete('strict', UploadId, [second]);
  // printf b | md5sum | xxd -r -p | md5sum
  expect(ETag).toBe('"ecaff4cba345cf6ede5325370fefe713-1"');
});

test('does not overwrite what is there, when asked not to', async () => {
  await harness.s3.send(new PutObjectCommand({ Bucket, Key: 'present', Body: 'first' }));
  const UploadId = await begin('present');
  const part = await upload('present', UploadId, 1, 'second');
  const refusal = await refusalOf(complete('present', UploadId, [part], { IfNoneMatch: '*' }));
  expect(refusal).toMatchObject({ name: 'PreconditionFailed', status: 412 });
  const found = await harness.s3.send(new GetObjectCommand({ Bucket, Key: 'present' }));
  expect(await found.Body?.transformToString()).toBe('first');
});

test('takes parts out of other objects', async () => {
  await harness.s3.send(new PutObjectCommand({ Bucket, Key: 'source &', Body: '0123456789' }));
  const UploadId = await begin('from parts');
  const copy = new UploadPartCopyCommand({
    Bucket,
    Key: 'from parts',
    UploadId,
    PartNumber: 1,
    CopySource: `${Bucket}/source%20%26`,
    CopySourceRange: 'bytes=3-5',
  });
  const { CopyPartResult } = await harness.s3.send(copy);
  // printf 345 | md5sum
  expect(CopyPartResult?.ETag).toBe('"d81f9c1be2e08964bf9f24b15f0e4900"');
  await complete('from parts', UploadId, [{ ETag: CopyPartResult?.ETag, PartNumber: 1 }]);
  const found = await harness.s3.send(new GetObjectCommand({ Bucket, Key: 'from parts' }));
  expect(await found.Body?.transformToString()).toBe('345');
});

test('takes an empty object as a part', async () => {
  await harness.s3.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: '' }));
  const UploadId = await begin('from nothing');
  const source = { Bucket, Key: 'from nothing', UploadId, PartNumber: 1, CopySource: `${Bucket}/empty` };
  const { CopyPartResult } = await harness.s3.send(new UploadPartCopyCommand(source));
  expect(CopyPartResult?.ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  await complete('from nothing', UploadId, [{ ETag: CopyPartResult?.ETag, PartNumber: 1 }]);
  const found = await harness.s3.send(new HeadObjectCommand({ Bucket, Key: 'from nothing' }));
  expect(found.ContentLength).toBe(0);
});

test.each(['bytes=0-10', 'bytes=3-', 'bytes=-3', 'bytes=5-3', '0-3', 'bytes=0-1,3-4'])(
  'refuses the range %s of a source of ten bytes',
  async (CopySourceRange) => {
    await harness.s3.send(new PutObjectCommand({ Bucket, Key: 'ten', Body: '0123456789' }));
    const UploadId = await begin('ranged');
    const source = { Bucket, Key: 'ranged', UploadId, PartNumber: 1, CopySource: `${Bucket}/ten` };
    const refusal = await refusalOf(
      harness.s3.send(new UploadPartCopyCommand({ ...source, CopySourceRange })),
    );
    expect(refusal).toMatchObject({ name: 'InvalidArgument', status: 400 });
  },
);

test('forgets an upload that is aborted, and its parts', async () => {
  const blobs = async () => (await readdir(join(harness.dataDir, 'objects'))).length;
  const before = await blobs();
  const UploadId = await begin('aborted');
  await upload('aborted', UploadId, 1, 'a');
  expect(await blobs()).toBe(before + 1);
  const abort = () => harness.s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId }));
  await abort();
  expect(await blobs()).toBe(before);
  expect(await refusalOf(abort())).toMatchObject({ name: 'NoSuchUpload' });
  expect(await refusalOf(upload('aborted', UploadId, 1, 'a'))).toMatchObject({ name: 'NoSuchUpload' });
});
