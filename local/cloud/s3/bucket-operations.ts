import { escapeXml } from '../escape-xml.ts';
import { keyAfter, type ObjectListing } from './list-objects.ts';
import { parseDeleteRequest } from './parse-delete-request.ts';
import { ReceivedBody } from './received-body.ts';
import { type S3Call, type S3Operation, sendXml } from './s3-call.ts';
import { S3Error } from './s3-error.ts';

const XML_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const MAX_KEYS = 1_000;
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const BUCKET_NAME = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const listBuckets: S3Operation = async ({ objects, response }) => {
  const buckets = (await objects.buckets()).map(
    ({ name, createdAtMs }) =>
      `<Bucket><Name>${escapeXml(name)}</Name><CreationDate>${toIso(createdAtMs)}</CreationDate></Bucket>`,
  );
  const owner = '<Owner><ID>local</ID></Owner>';
  sendXml(
    response,
    200,
    `<ListAllMyBucketsResult ${XML_NAMESPACE}>${owner}<Buckets>${buckets.join('')}</Buckets></ListAllMyBucketsResult>`,
  );
};

export const createBucket: S3Operation = async ({ objects, response, bucket }) => {
  if (!BUCKET_NAME.test(bucket)) throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.');
  const isNew = await objects.createBucket(bucket);
  // In its first region S3 answers a repeated CreateBucket with success, elsewhere with a conflict.
  if (!isNew && objects.region !== 'us-east-1') {
    throw new S3Error(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded.',
    );
  }
  response.writeHead(200, { location: `/${bucket}`, 'content-length': 0 }).end();
};

export const headBucket: S3Operation = async ({ objects, response, bucket }) => {
  await objects.requireBucket(bucket);
  response.writeHead(200, { 'x-amz-bucket-region': objects.region }).end();
};

export const listObjectsV2: S3Operation = async (call) => {
  const { objects, response, bucket, query } = call;
  await objects.requireBucket(bucket);
  const listing = await objects.list(bucket, {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: parseMaxKeys(query.get('max-keys')),
    from: parseFrom(query),
  });
  sendXml(response, 200, describeListing(call, listing));
};

export const deleteObjects: S3Operation = async ({ objects, request, response, bucket }) => {
  await objects.requireBucket(bucket);
  const received = new ReceivedBody(request);
  const chunks: Buffer[] = [];
  for await (const chunk of received.stream()) chunks.push(chunk);
  received.facts();
  const { keys, quiet } = parseDeleteRequest(Buffer.concat(chunks).toString());
  await Promise.all(keys.map((key) => objects.delete(bucket, key, () => {})));
  const deleted = quiet ? [] : keys.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`);
  sendXml(response, 200, `<DeleteResult ${XML_NAMESPACE}>${deleted.join('')}</DeleteResult>`);
};

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

function describeListing(
  { bucket, query }: S3Call,
  { contents, commonPrefixes, next }: ObjectListing,
): string {
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : escapeXml;
  const echoed = (name: string, element: string, write: (text: string) => string) => {
    const value = query.get(name);
    return value === null ? '' : `<${element}>${write(value)}</${element}>`;
  };
  return [
    `<ListBucketResult ${XML_NAMESPACE}><Name>${bucket}</Name><Prefix>${encode(query.get('prefix') ?? '')}</Prefix>`,
    echoed('delimiter', 'Delimiter', encode),
    echoed('start-after', 'StartAfter', encode),
    echoed('encoding-type', 'EncodingType', escapeXml),
    echoed('continuation-token', 'ContinuationToken', escapeXml),
    `<KeyCount>${contents.length + commonPrefixes.length}</KeyCount>`,
    `<MaxKeys>${parseMaxKeys(query.get('max-keys'))}</MaxKeys><IsTruncated>${next !== undefined}</IsTruncated>`,
    next === undefined
      ? ''
      : `<NextContinuationToken>${Buffer.from(next).toString('base64url')}</NextContinuationToken>`,
    ...contents.map(
      ({ key, record }) =>
        `<Contents><Key>${encode(key)}</Key><LastModified>${toIso(record.modifiedAtMs)}</LastModified>` +
        `<ETag>${escapeXml(record.etag)}</ETag><Size>${record.sizeBytes}</Size>` +
        `<StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...commonPrefixes.map((prefix) => `<CommonPrefixes><Prefix>${encode(prefix)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
