import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { type CloudHarness, refusalOf, startHarness } from '../cloud-harness.ts';

const Bucket = 'damaged';
const INTERNAL_ERROR = { name: 'InternalError', status: 500 };
let harness: CloudHarness;

beforeEach(async () => {
  harness = await startHarness();
  await harness.s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(() => harness.stop());

/** An object whose file loses all behind `keptBytes`. */
async function putAndCut(bytes: number, keptBytes: number): Promise<void> {
  await harness.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: Buffer.alloc(bytes, 'x') }));
  const directory = join(harness.dataDir, 'objects');
  for (const blob of await readdir(directory)) await truncate(join(directory, blob), keptBytes);
}

const get = (Range?: string) => harness.s3.send(new GetObjectCommand({ Bucket, Key: 'a', Range }));

test.each([
  ['small', 1_000, 999],
  ['small, of which nothing is left', 1_000, 0],
  ['streamed', 3_000_000, 2_999_999],
])('an object whose file is too short is an internal error: %s', async (_, bytes, keptBytes) => {
  await putAndCut(bytes, keptBytes);
  expect(await refusalOf(get())).toMatchObject(INTERNAL_ERROR);
  expect(await refusalOf(get(`bytes=${keptBytes}-`))).toMatchObject(INTERNAL_ERROR);
});

test('what is left of it can be read', async () => {
  await putAndCut(1_000, 500);
  expect(await (await get('bytes=490-499')).Body?.transformToString()).toBe('xxxxxxxxxx');
});

test('it is not copied as if it were whole', async () => {
  await putAndCut(3_000_000, 2_000_000);
  const copy = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/a` });
  expect(await refusalOf(harness.s3.send(copy))).toMatchObject(INTERNAL_ERROR);
  const begin = new CreateMultipartUploadCommand({ Bucket, Key: 'parts' });
  const { UploadId } = await harness.s3.send(begin);
  const part = { Bucket, Key: 'parts', UploadId, PartNumber: 1, CopySource: `${Bucket}/a` };
  expect(await refusalOf(harness.s3.send(new UploadPartCopyCommand(part)))).toMatchObject(INTERNAL_ERROR);
  expect(await readdir(join(harness.dataDir, 'objects'))).toHaveLength(1);
});
