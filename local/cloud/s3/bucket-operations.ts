import { escapeXml } from '../escape-xml.ts';
import { refuseHeaders } from './object-headers.ts';
import { parseDeleteRequest } from './parse-delete-request.ts';
import { readText } from './received-body.ts';
import { type S3Operation, sendXml, XML_NAMESPACE } from './s3-call.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import { elementsOf, malformedXml } from './xml-elements.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const BUCKET_NAME = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** A thousand keys of 1,024 bytes, each written with five as a reference, have about half of this. */
const MAX_DELETE_BYTES = 10 * 1024 * 1024;
const MAX_CONFIGURATION_BYTES = 64 * 1024;

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

export const createBucket: S3Operation = async ({ objects, request, response, bucket }) => {
  if (!BUCKET_NAME.test(bucket)) throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.');
  refuseHeaders(request.headers, 'CreateBucket');
  refuseConfiguration(await readText(request, MAX_CONFIGURATION_BYTES, malformedXml), objects.region);
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

export const deleteBucket: S3Operation = async ({ objects, response, bucket }) => {
  await objects.requireBucket(bucket);
  const isDeleted = await objects.deleteBucket(bucket);
  if (!isDeleted) throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty.');
  response.writeHead(204).end();
};

/** The first region has no name here. */
export const getBucketLocation: S3Operation = async ({ objects, response, bucket }) => {
  await objects.requireBucket(bucket);
  const name = objects.region === 'us-east-1' ? '' : objects.region;
  sendXml(response, 200, `<LocationConstraint ${XML_NAMESPACE}>${name}</LocationConstraint>`);
};

export const deleteObjects: S3Operation = async ({ objects, request, response, bucket }) => {
  await objects.requireBucket(bucket);
  const tooLong = () => malformedXml(`A Delete has at most ${MAX_DELETE_BYTES} bytes.`);
  const { keys, quiet } = parseDeleteRequest(await readText(request, MAX_DELETE_BYTES, tooLong));
  await Promise.all(keys.map((key) => objects.delete(bucket, key, () => {})));
  const deleted = quiet ? [] : keys.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`);
  sendXml(response, 200, `<DeleteResult ${XML_NAMESPACE}>${deleted.join('')}</DeleteResult>`);
};

/** A location may be given when it is the one that the bucket has. */
function refuseConfiguration(xml: string, region: string): void {
  const [location = region] = elementsOf(xml, 'LocationConstraint', 1);
  if (location !== region) {
    throw new S3Error(
      'IllegalLocationConstraintException',
      `The ${location} location constraint is incompatible: the region of this local cloud is ${region}.`,
    );
  }
  const other = ['Tags', 'Bucket', 'Location'].find((name) => elementsOf(xml, name, 1).length > 0);
  if (other !== undefined) throw notImplemented(`CreateBucket with ${other}`);
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
