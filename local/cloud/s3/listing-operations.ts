import { successorOf } from '../cloud-database.ts';
import { escapeXml } from '../escape-xml.ts';
import { keyAfter, laterOf, type ObjectListing } from './list-objects.ts';
import { type S3Call, type S3Operation, sendXml, XML_NAMESPACE } from './s3-call.ts';
import { S3Error } from './s3-error.ts';

const MAX_KEYS = 1_000;

export const listObjectsV2: S3Operation = async (call) => {
  const listing = await list(call, parseFrom(call.query));
  const { query } = call;
  const { contents, commonPrefixes, next } = listing;
  describe(call, listing, [
    echo(query, 'start-after', 'StartAfter', encoderOf(query)),
    echo(query, 'continuation-token', 'ContinuationToken', escapeXml),
    `<KeyCount>${contents.length + commonPrefixes.length}</KeyCount>`,
    next === undefined
      ? ''
      : `<NextContinuationToken>${Buffer.from(next).toString('base64url')}</NextContinuationToken>`,
  ]);
};

/** The older form, which goes on behind the last key or prefix that was listed. */
export const listObjectsV1: S3Operation = async (call) => {
  const { query } = call;
  const marker = query.get('marker') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const isPrefix = delimiter !== '' && marker.endsWith(delimiter);
  const listing = await list(
    call,
    (isPrefix ? successorOf(marker) : undefined) ?? (marker && keyAfter(marker)),
  );
  const encode = encoderOf(query);
  const last = laterOf(listing.contents.at(-1)?.key ?? '', listing.commonPrefixes.at(-1) ?? '');
  const isCut = listing.next !== undefined && delimiter !== '';
  describe(call, listing, [
    `<Marker>${encode(marker)}</Marker>`,
    // Without a delimiter the last key is the marker, and S3 does not repeat it.
    isCut ? `<NextMarker>${encode(last)}</NextMarker>` : '',
  ]);
};

async function list({ objects, bucket, query }: S3Call, from: string): Promise<ObjectListing> {
  await objects.requireBucket(bucket);
  return objects.list(bucket, {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: parseMaxKeys(query.get('max-keys')),
    from,
  });
}

function parseMaxKeys(text: string | null): number {
  if (text === null) return MAX_KEYS;
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text), MAX_KEYS);
  throw new S3Error(
    'InvalidArgument',
    `Provided max-keys not an integer or within integer range: "${text}".`,
  );
}

/** A token is the key at which the next page starts. */
function parseFrom(query: URLSearchParams): string {
  const token = query.get('continuation-token');
  if (token !== null) return Buffer.from(token, 'base64url').toString();
  const startAfter = query.get('start-after');
  return startAfter === null ? '' : keyAfter(startAfter);
}

function describe({ response, bucket, query }: S3Call, listing: ObjectListing, own: readonly string[]): void {
  const { contents, commonPrefixes, next } = listing;
  const encode = encoderOf(query);
  // The second form tells the owner when it is asked to, the older one always.
  const isOwned = query.get('list-type') !== '2' || query.get('fetch-owner') === 'true';
  const owner = isOwned ? '<Owner><ID>local</ID></Owner>' : '';
  const parts = [
    `<ListBucketResult ${XML_NAMESPACE}><Name>${bucket}</Name><Prefix>${encode(query.get('prefix') ?? '')}</Prefix>`,
    echo(query, 'delimiter', 'Delimiter', encode),
    echo(query, 'encoding-type', 'EncodingType', escapeXml),
    `<MaxKeys>${parseMaxKeys(query.get('max-keys'))}</MaxKeys><IsTruncated>${next !== undefined}</IsTruncated>`,
    ...own,
    ...contents.map(
      ({ key, record }) =>
        `<Contents><Key>${encode(key)}</Key><LastModified>${new Date(record.modifiedAtMs).toISOString()}</LastModified>` +
        `<ETag>${escapeXml(record.etag)}</ETag><Size>${record.sizeBytes}</Size>` +
        `${owner}<StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...commonPrefixes.map((prefix) => `<CommonPrefixes><Prefix>${encode(prefix)}</Prefix></CommonPrefixes>`),
  ];
  sendXml(response, 200, `${parts.join('')}</ListBucketResult>`);
}

function encoderOf(query: URLSearchParams): (text: string) => string {
  return query.get('encoding-type') === 'url' ? encodeURIComponent : escapeXml;
}

function echo(
  query: URLSearchParams,
  name: string,
  element: string,
  write: (text: string) => string,
): string {
  const value = query.get(name);
  return value === null ? '' : `<${element}>${write(value)}</${element}>`;
}
