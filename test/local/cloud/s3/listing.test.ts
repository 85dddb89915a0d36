import {
  CreateBucketCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { listObjects } from '../../../../local/cloud/s3/list-objects.ts';
import { type CloudHarness, startHarness } from '../cloud-harness.ts';

const Bucket = 'listed';
const KEYS = ['a.txt', 'b/1', 'b/2', 'b/c/3', 'b0', 'd/4', 'e', 'ümläut & <co>', '😀'];
let harness: CloudHarness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of KEYS) await harness.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
});
afterAll(() => harness.stop());

async function list(more: Partial<ListObjectsV2CommandInput> = {}) {
  const found = await harness.s3.send(new ListObjectsV2Command({ Bucket, ...more }));
  return {
    keys: (found.Contents ?? []).map(({ Key = '' }) => Key),
    prefixes: (found.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix),
    next: found.NextContinuationToken,
    found,
  };
}

test('lists all keys in the order of their bytes', async () => {
  const { keys, found } = await list();
  expect(keys).toEqual(KEYS);
  expect(found).toMatchObject({ KeyCount: 9, MaxKeys: 1000, IsTruncated: false });
  expect(found.Contents?.[0]).toEqual({
    Key: 'a.txt',
    ETag: '"a5e54d1fd7bb69a228ef0dcd2431367e"',
    LastModified: expect.any(Date),
    Size: 5,
    StorageClass: 'STANDARD',
  });
});

test.each<[string, Partial<ListObjectsV2CommandInput>, string[], string[]]>([
  ['a prefix', { Prefix: 'b/' }, ['b/1', 'b/2', 'b/c/3'], []],
  ['a delimiter', { Delimiter: '/' }, ['a.txt', 'b0', 'e', 'ümläut & <co>', '😀'], ['b/', 'd/']],
  ['both', { Prefix: 'b/', Delimiter: '/' }, ['b/1', 'b/2'], ['b/c/']],
  ['a start', { StartAfter: 'b/2' }, ['b/c/3', 'b0', 'd/4', 'e', 'ümläut & <co>', '😀'], []],
  ['a start before the prefix', { Prefix: 'd', StartAfter: 'a' }, ['d/4'], []],
  ['a prefix of nothing', { Prefix: 'zzz' }, [], []],
  ['no keys wanted', { MaxKeys: 0 }, [], []],
  ['encoded keys', { EncodingType: 'url', Prefix: 'ü' }, ['%C3%BCml%C3%A4ut%20%26%20%3Cco%3E'], []],
])('lists with %s', async (_what, input, keys, prefixes) => {
  expect(await list(input)).toMatchObject({ keys, prefixes });
});

test('turns pages, common prefixes included', async () => {
  const pages: string[][] = [];
  let token: string | undefined;
  do {
    const page = await list({
      Delimiter: '/',
      MaxKeys: 2,
      ...(token !== undefined && { ContinuationToken: token }),
    });
    expect(page.found.IsTruncated).toBe(page.next !== undefined);
    pages.push([...page.keys, ...page.prefixes]);
    token = page.next;
  } while (token !== undefined);
  expect(pages).toEqual([['a.txt', 'b/'], ['b0', 'd/'], ['e', 'ümläut & <co>'], ['😀']]);
});

test('pages of any size hold together what one page holds', async () => {
  const key = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '\u{D7FF}', '\u{10FFFF}'),
    minLength: 1,
    maxLength: 5,
  });
  const keys = fc.uniqueArray(key, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 1, max: 5 }), key, async (given, maxKeys, prefix) => {
      const read = createReader(given);
      for (const usedPrefix of ['', prefix]) {
        const expected = naiveListing(given, usedPrefix);
        const listed: string[] = [];
        let from: string | undefined = '';
        while (from !== undefined) {
          const page = await listObjects(read, { prefix: usedPrefix, delimiter: '/', maxKeys, from });
          listed.push(...page.contents.map((entry) => entry.key), ...page.commonPrefixes);
          from = page.next;
        }
        expect(listed.sort()).toEqual(expected.sort());
      }
    }),
  );
});

function createReader(keys: readonly string[]) {
  const record = { blob: '', sizeBytes: 0, etag: '', modifiedAtMs: 0, headers: {} };
  const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return async function* (from: string, before: string | undefined) {
    for (const key of [...keys].sort(compare)) {
      if (compare(key, from) >= 0 && (before === undefined || compare(key, before) < 0))
        yield { key, record };
    }
  };
}

function naiveListing(keys: readonly string[], prefix: string): string[] {
  const found = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const slash = key.indexOf('/', prefix.length);
      return slash < 0 ? key : key.slice(0, slash + 1);
    });
  return [...new Set(found)];
}
