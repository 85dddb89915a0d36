import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { type CloudHarness, refusalOf, startHarness } from '../cloud-harness.ts';

let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness('eu-west-1');
});
afterAll(() => harness.stop());

const create = (Bucket: string) => harness.s3.send(new CreateBucketCommand({ Bucket }));
const put = (Bucket: string, Key: string, more = {}) =>
  harness.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...more }));

test('deletes a bucket when it is empty', async () => {
  await create('short-lived');
  await put('short-lived', 'a');
  const remove = () => harness.s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }));
  expect(await refusalOf(remove())).toMatchObject({ name: 'BucketNotEmpty', status: 409 });
  await harness.s3.send(new DeleteObjectCommand({ Bucket: 'short-lived', Key: 'a' }));
  await remove();
  expect(await refusalOf(remove())).toMatchObject({ name: 'NoSuchBucket', status: 404 });
  const head = new HeadBucketCommand({ Bucket: 'short-lived' });
  expect(await refusalOf(harness.s3.send(head))).toMatchObject({ status: 404 });
});

test('tells where a bucket is', async () => {
  await create('located');
  const command = new GetBucketLocationCommand({ Bucket: 'located' });
  expect((await harness.s3.send(command)).LocationConstraint).toBe('eu-west-1');
});

test('lists in the older form too, in pages', async () => {
  await create('older');
  for (const key of ['a', 'b/1', 'b/2', 'c', 'd/1']) await put('older', key);
  const pages = [];
  let Marker: string | undefined;
  do {
    const page = await harness.s3.send(
      new ListObjectsCommand({ Bucket: 'older', Delimiter: '/', MaxKeys: 2, ...(Marker && { Marker }) }),
    );
    const keys = page.Contents?.map(({ Key }) => Key) ?? [];
    pages.push([...keys, ...(page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [])]);
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  expect(pages).toEqual([
    ['a', 'b/'],
    ['c', 'd/'],
  ]);
  const flat = await harness.s3.send(new ListObjectsCommand({ Bucket: 'older', Marker: 'b/1', MaxKeys: 2 }));
  expect(flat.Contents?.map(({ Key }) => Key)).toEqual(['b/2', 'c']);
  expect(flat).toMatchObject({ IsTruncated: true, Marker: 'b/1' });
  expect(flat.NextMarker).toBeUndefined();
});

test('copies an object with its metadata, or with other', async () => {
  await create('copied');
  await put('copied', 'from here', { Metadata: { a: 'b' }, ContentType: 'text/x' });
  const copy = (Key: string, more = {}) =>
    harness.s3.send(
      new CopyObjectCommand({ Bucket: 'copied', Key, CopySource: 'copied/from%20here', ...more }),
    );
  const get = (Key: string) => harness.s3.send(new GetObjectCommand({ Bucket: 'copied', Key }));
  const { CopyObjectResult } = await copy('same');
  const same = await get('same');
  expect(await same.Body?.transformToString()).toBe('from here');
  expect(same).toMatchObject({ Metadata: { a: 'b' }, ContentType: 'text/x', ETag: CopyObjectResult?.ETag });
  await copy('other', { MetadataDirective: 'REPLACE', Metadata: { c: 'd' } });
  expect((await get('other')).Metadata).toEqual({ c: 'd' });
  await copy('from here', { MetadataDirective: 'REPLACE', Metadata: { e: 'f' } });
  expect((await get('from here')).Metadata).toEqual({ e: 'f' });
  expect(await refusalOf(copy('from here'))).toMatchObject({ name: 'InvalidRequest', status: 400 });
  expect(await refusalOf(copy('x', { CopySource: 'copied/nothing' }))).toMatchObject({ name: 'NoSuchKey' });
  await copy('matched', { CopySourceIfMatch: same.ETag });
  for (const condition of [{ CopySourceIfMatch: '"a"' }, { CopySourceIfNoneMatch: same.ETag }]) {
    expect(await refusalOf(copy('x', condition))).toMatchObject({ name: 'PreconditionFailed', status: 412 });
  }
  expect(await refusalOf(copy('x', { Tagging: 'a=b' }))).toMatchObject({ name: 'NotImplemented' });
});
