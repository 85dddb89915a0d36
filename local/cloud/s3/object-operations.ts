import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseByteRange } from './byte-range.ts';
import { copyObject } from './copy-object.ts';
import { keptHeaders, overriddenHeaders, refuseHeaders } from './object-headers.ts';
import type { ObjectRecord } from './object-record.ts';
import { checkRead, checkWrite } from './preconditions.ts';
import { readExactly, readWhole, requireSize } from './read-exactly.ts';
import { ReceivedBody } from './received-body.ts';
import type { S3Call, S3Operation } from './s3-call.ts';
import { S3Error } from './s3-error.ts';

/** Up to this size a body is read at once, which costs less than a stream. */
const READ_AT_ONCE_BYTES = 1024 * 1024;

export const putObject: S3Operation = async (call) => {
  const { objects, request, response, bucket, key } = call;
  const { headers } = request;
  if (headers['x-amz-copy-source'] !== undefined) return copyObject(call);
  refuseHeaders(headers, 'PutObject');
  await objects.requireBucket(bucket);
  const received = new ReceivedBody(request);
  const describe = () => ({ ...received.facts(), headers: keptHeaders(headers) });
  const record = await objects.put({
    ...{ bucket, key, describe },
    body: received.stream(),
    precondition: (current) => checkWrite(headers, current),
  });
  response.writeHead(200, { etag: record.etag, ...record.checksum, 'content-length': 0 }).end();
};

export const deleteObject: S3Operation = async ({ objects, request, response, bucket, key }) => {
  refuseHeaders(request.headers, 'DeleteObject');
  await objects.requireBucket(bucket);
  await objects.delete(bucket, key, (current) => checkWrite(request.headers, current));
  response.writeHead(204).end();
};

export const headObject: S3Operation = async (call) => {
  const { objects, response, bucket, key } = call;
  await objects.requireBucket(bucket);
  const { status, headers } = answerRead(call, requireObject(await objects.find(bucket, key)));
  response.writeHead(status, headers).end();
};

export const getObject: S3Operation = async (call) => {
  const { objects, response, bucket, key } = call;
  await objects.requireBucket(bucket);
  const { record, file } = requireObject(await objects.open(bucket, key));
  try {
    const { status, headers, first, sizeBytes } = answerRead(call, record);
    if (sizeBytes <= READ_AT_ONCE_BYTES) {
      const body = await readWhole(file, { first, sizeBytes });
      response.writeHead(status, headers).end(body);
    } else {
      await requireSize(file, first + sizeBytes);
      response.writeHead(status, headers);
      await pipeline(Readable.from(readExactly(file, { first, sizeBytes })), response);
    }
  } finally {
    await file.close();
  }
};

interface ReadAnswer {
  readonly status: 200 | 206 | 304;
  readonly headers: Record<string, string | number>;
  readonly first: number;
  /** Of the body to send. */
  readonly sizeBytes: number;
}

function answerRead({ request, query }: S3Call, record: ObjectRecord): ReadAnswer {
  refuseHeaders(request.headers, 'Reading an object');
  const common = {
    etag: record.etag,
    'last-modified': new Date(record.modifiedAtMs).toUTCString(),
    'accept-ranges': 'bytes',
  };
  if (checkRead(request.headers, record)) return { status: 304, headers: common, first: 0, sizeBytes: 0 };
  const range = parseByteRange(request.headers.range, record.sizeBytes);
  const headers = {
    ...common,
    'content-type': 'binary/octet-stream',
    ...record.headers,
    ...overriddenHeaders(query),
  };
  if (range === undefined) {
    const checksum = request.headers['x-amz-checksum-mode'] === 'ENABLED' ? record.checksum : {};
    const sizeBytes = record.sizeBytes;
    return {
      status: 200,
      headers: { ...headers, ...checksum, 'content-length': sizeBytes },
      first: 0,
      sizeBytes,
    };
  }
  const sizeBytes = range.last - range.first + 1;
  const contentRange = `bytes ${range.first}-${range.last}/${record.sizeBytes}`;
  return {
    status: 206,
    headers: { ...headers, 'content-length': sizeBytes, 'content-range': contentRange },
    first: range.first,
    sizeBytes,
  };
}

function requireObject<T>(found: T | undefined): T {
  if (found === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  return found;
}
