import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudDatabase, openCloudDatabase } from '../../../../local/cloud/cloud-database.ts';
import { type ObjectStore, openObjectStore } from '../../../../local/cloud/s3/object-store.ts';
import { createSettlement, type Settlement } from '../../../../local/cloud/settlement.ts';

const bucket = 'going';
let directory: string;
let database: CloudDatabase;
let objects: ObjectStore;
/** While it is there, objects that are being written wait for it. */
let held: Settlement | undefined;
let isWriting: Settlement;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'objects-'));
  database = await openCloudDatabase(join(directory, 'database'));
  isWriting = createSettlement();
  held = undefined;
  const slow: CloudDatabase = {
    ...database,
    write: async (operations) => {
      if (held !== undefined && operations.some(({ key }) => key.startsWith('s3/object/'))) {
        isWriting.resolve();
        await held.promise;
      }
      await database.write(operations);
    },
  };
  objects = await openObjectStore({
    database: slow,
    directory: join(directory, 'bodies'),
    region: 'us-east-1',
    nowMs: () => 7,
  });
  await objects.createBucket(bucket);
});
afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

async function* bodyOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

const put = (key: string) =>
  objects.put({
    ...{ bucket, key },
    body: bodyOf('a'),
    describe: () => ({ sizeBytes: 1, etag: '"e"', headers: {} }),
    precondition: () => {},
  });

test('a bucket with an object on its way to disk is not deleted', async () => {
  held = createSettlement();
  const putting = put('a');
  await isWriting.promise;
  const deleting = objects.deleteBucket(bucket);
  // As much as a deletion reads, and more.
  for (let round = 0; round < 20; round++) await database.get('anything');
  held.resolve();
  await putting;
  expect(await deleting).toBe(false);
  expect(await objects.find(bucket, 'a')).toMatchObject({ sizeBytes: 1 });
});

test('what comes while a bucket is being deleted finds it gone', async () => {
  const [isDeleted, ...puts] = await Promise.allSettled([objects.deleteBucket(bucket), put('a'), put('b')]);
  expect(isDeleted).toEqual({ status: 'fulfilled', value: true });
  for (const { status } of puts) expect(status).toBe('rejected');
  await objects.createBucket(bucket);
  expect(await objects.find(bucket, 'a')).toBeUndefined();
});
