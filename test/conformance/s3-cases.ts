import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { presign } from '../local/cloud/s3/presign.ts';
import { type CaseRuns, type CloudUnderTest, casesOf, expectRefusal } from './conformance-case.ts';

const put = (cloud: CloudUnderTest, Bucket: string, Key: string, Body: string | Buffer, more = {}) =>
  cloud.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

const get = (cloud: CloudUnderTest, Bucket: string, Key: string, more = {}) =>
  cloud.clients.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));

async function bucketWith(cloud: CloudUnderTest, ...keys: string[]): Promise<string> {
  const Bucket = await cloud.bucket();
  for (const key of keys) await put(cloud, Bucket, key, key);
  return Bucket;
}

const RUNS: CaseRuns = {
  'an object comes back with its type, its metadata and its MD5 as ETag': async (cloud) => {
    const Bucket = await cloud.bucket();
    await put(cloud, Bucket, 'a/ü 😀', 'text', { ContentType: 'text/x', Metadata: { pool: 'haiku' } });
    const found = await get(cloud, Bucket, 'a/ü 😀');
    expect(await found.Body?.transformToString()).toBe('text');
    expect(found).toMatchObject({
      ETag: '"1cb251ec0d568de6a929b520c4aed8d1"',
      ContentType: 'text/x',
      Metadata: { pool: 'haiku' },
    });
  },
  'a range of an object is read': async (cloud) => {
    const Bucket = await bucketWith(cloud, '0123456789');
    const found = await get(cloud, Bucket, '0123456789', { Range: 'bytes=2-4' });
    expect(await found.Body?.transformToString()).toBe('234');
    expect(found).toMatchObject({ ContentRange: 'bytes 2-4/10', ContentLength: 3 });
  },
  'the end of an object is read': async (cloud) => {
    const Bucket = await bucketWith(cloud, '0123456789');
    const found = await get(cloud, Bucket, '0123456789', { Range: 'bytes=-3' });
    expect(await found.Body?.transformToString()).toBe('789');
  },
  'a range behind the end is refused': async (cloud) => {
    const Bucket = await bucketWith(cloud, 'short');
    await expectRefusal(get(cloud, Bucket, 'short', { Range: 'bytes=10-20' }), 'InvalidRange', 416);
  },
  'If-None-Match * does not overwrite': async (cloud) => {
    const Bucket = await bucketWith(cloud, 'key');
    await expectRefusal(put(cloud, Bucket, 'key', 'other', { IfNoneMatch: '*' }), 'PreconditionFailed', 412);
    expect(await (await get(cloud, Bucket, 'key')).Body?.transformToString()).toBe('key');
    await put(cloud, Bucket, 'new', 'a', { IfNoneMatch: '*' });
  },
  'If-Match writes over what it names, and over nothing else': async (cloud) => {
    const Bucket = await cloud.bucket();
    const { ETag } = await put(cloud, Bucket, 'key', 'first');
    await put(cloud, Bucket, 'key', 'second', { IfMatch: ETag });
    await expectRefusal(put(cloud, Bucket, 'key', 'third', { IfMatch: ETag }), 'PreconditionFailed', 412);
  },
  'a reader that has the object already is told so': async (cloud) => {
    const Bucket = await cloud.bucket();
    const { ETag } = await put(cloud, Bucket, 'key', 'a');
    await expect(get(cloud, Bucket, 'key', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  },
  'a wrong Content-MD5 is refused': async (cloud) => {
    const Bucket = await cloud.bucket();
    const ContentMD5 = 'AAAAAAAAAAAAAAAAAAAAAA==';
    await expectRefusal(put(cloud, Bucket, 'key', 'a', { ContentMD5 }), 'BadDigest');
  },
  'an object or bucket that is not there is not found': async (cloud) => {
    const Bucket = await cloud.bucket();
    await expectRefusal(get(cloud, Bucket, 'nothing'), 'NoSuchKey', 404);
    await expectRefusal(get(cloud, 'no-such-bucket-here', 'a'), 'NoSuchBucket', 404);
    const head = new HeadObjectCommand({ Bucket, Key: 'nothing' });
    await expectRefusal(cloud.clients.s3.send(head), 'NotFound', 404);
  },
  'deleting what is not there is no error': async (cloud) => {
    const remove = new DeleteObjectCommand({ Bucket: await cloud.bucket(), Key: 'nothing' });
    expect((await cloud.clients.s3.send(remove)).$metadata.httpStatusCode).toBe(204);
  },
  'many objects are deleted at once': async (cloud) => {
    const Bucket = await bucketWith(cloud, 'a&b', 'c');
    const Objects = ['a&b', 'c', 'nothing'].map((Key) => ({ Key }));
    const remove = new DeleteObjectsCommand({ Bucket, Delete: { Objects } });
    expect((await cloud.clients.s3.send(remove)).Deleted).toHaveLength(3);
    expect((await cloud.clients.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
  },
  'keys are listed in the order of their bytes, in pages, with prefixes rolled up': async (cloud) => {
    const Bucket = await bucketWith(cloud, 'a', 'b/1', 'b/2', 'c', 'é', '😀');
    const pages: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await cloud.clients.s3.send(
        new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2, ContinuationToken }),
      );
      pages.push(...(page.Contents ?? []).map(({ Key }) => Key));
      pages.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(pages).toEqual(['a', 'b/', 'c', 'é', '😀']);
  },
  'the older listing goes on behind a marker': async (cloud) => {
    const Bucket = await bucketWith(cloud, 'a', 'b', 'c');
    const list = new ListObjectsCommand({ Bucket, Marker: 'a', MaxKeys: 1 });
    const page = await cloud.clients.s3.send(list);
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['b']);
    expect(page.IsTruncated).toBe(true);
  },
  'an object is copied with its metadata': async (cloud) => {
    const Bucket = await cloud.bucket();
    await put(cloud, Bucket, 'from', 'text', { Metadata: { a: 'b' } });
    const copy = new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/from` });
    await cloud.clients.s3.send(copy);
    const found = await get(cloud, Bucket, 'to');
    expect(await found.Body?.transformToString()).toBe('text');
    expect(found.Metadata).toEqual({ a: 'b' });
  },
  'an upload in parts becomes one object': async (cloud) => {
    const Bucket = await cloud.bucket();
    const Key = 'big';
    const { UploadId } = await cloud.clients.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts = [];
    for (const [PartNumber, Body] of [
      [1, Buffer.alloc(5 * 1024 * 1024, 'x')],
      [2, Buffer.from('end')],
    ] as const) {
      const upload = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body });
      Parts.push({ PartNumber, ETag: (await cloud.clients.s3.send(upload)).ETag });
    }
    const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    const { ETag } = await cloud.clients.s3.send(new CompleteMultipartUploadCommand(complete));
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const found = await get(cloud, Bucket, Key, { Range: 'bytes=5242879-' });
    expect(await found.Body?.transformToString()).toBe('xend');
  },
  'a part that is too small is refused when the upload is completed': async (cloud) => {
    const Bucket = await cloud.bucket();
    const Key = 'small';
    const { UploadId } = await cloud.clients.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts = [];
    for (const PartNumber of [1, 2]) {
      const upload = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: 'small' });
      Parts.push({ PartNumber, ETag: (await cloud.clients.s3.send(upload)).ETag });
    }
    const complete = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    await expectRefusal(
      cloud.clients.s3.send(new CompleteMultipartUploadCommand(complete)),
      'EntityTooSmall',
    );
  },
  'a presigned URL lets anybody read and write': async (cloud) => {
    const Bucket = await cloud.bucket();
    const address = `${cloud.endpoint}/${Bucket}/key`;
    const signedAt = new Date();
    const write = await presign(cloud.clients.s3, 'PUT', address, { signedAt });
    expect((await fetch(write, { method: 'PUT', body: 'text' })).status).toBe(200);
    const read = await presign(cloud.clients.s3, 'GET', address, { signedAt });
    expect(await (await fetch(read)).text()).toBe('text');
  },
  'a presigned URL expires': async (cloud) => {
    const Bucket = await bucketWith(cloud, 'key');
    const signedAt = new Date(Date.now() - 100_000);
    const address = `${cloud.endpoint}/${Bucket}/key`;
    const url = await presign(cloud.clients.s3, 'GET', address, { signedAt, expiresInSeconds: 60 });
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>AccessDenied</Code>');
  },
  'a bucket that is not empty is not deleted': async (cloud) => {
    const Bucket = await bucketWith(cloud, 'key');
    await expectRefusal(cloud.clients.s3.send(new DeleteBucketCommand({ Bucket })), 'BucketNotEmpty', 409);
    await cloud.clients.s3.send(new DeleteObjectCommand({ Bucket, Key: 'key' }));
    await cloud.clients.s3.send(new DeleteBucketCommand({ Bucket }));
  },
  'the first region has no name as a location': async (cloud) => {
    const locate = new GetBucketLocationCommand({ Bucket: await cloud.bucket() });
    expect((await cloud.clients.s3.send(locate)).LocationConstraint).toBeUndefined();
  },
};

export const S3_CASES = casesOf('S3', RUNS);
