import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeFailure } from '../describe-failure.ts';
import { escapeXml } from '../escape-xml.ts';
import { warn } from '../warn.ts';
import {
  createBucket,
  deleteBucket,
  deleteObjects,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './bucket-operations.ts';
import { listObjectsV1, listObjectsV2 } from './listing-operations.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from './multipart-operations.ts';
import { RESPONSE_PARAMETERS, refuseOtherOwner } from './object-headers.ts';
import { deleteObject, getObject, headObject, putObject } from './object-operations.ts';
import { checkPresigned } from './presigned.ts';
import { parseAddress, type S3Address, type S3Call, type S3Operation, sendXml } from './s3-call.ts';
import { notImplemented, S3Error } from './s3-error.ts';

interface Route {
  readonly method: string;
  readonly level: 'service' | 'bucket' | 'object';
  readonly operation: S3Operation;
  /** Parameters that must be there; with a value where S3 tells operations apart by it. */
  readonly required?: Readonly<Record<string, string | undefined>>;
  readonly allowed?: readonly string[];
}

const LISTING = ['delimiter', 'encoding-type', 'max-keys', 'prefix'];

/**
 * The first that fits. A parameter that is in no route makes it another operation, or another meaning: neither
 * is served.
 */
const ROUTES: readonly Route[] = [
  { method: 'GET', level: 'service', operation: listBuckets },
  { method: 'PUT', level: 'bucket', operation: createBucket },
  { method: 'HEAD', level: 'bucket', operation: headBucket },
  { method: 'DELETE', level: 'bucket', operation: deleteBucket },
  {
    method: 'GET',
    level: 'bucket',
    operation: listObjectsV2,
    required: { 'list-type': '2' },
    allowed: [...LISTING, 'continuation-token', 'fetch-owner', 'start-after'],
  },
  { method: 'GET', level: 'bucket', operation: getBucketLocation, required: { location: '' } },
  { method: 'GET', level: 'bucket', operation: listObjectsV1, allowed: [...LISTING, 'marker'] },
  { method: 'POST', level: 'bucket', operation: deleteObjects, required: { delete: '' } },
  { method: 'POST', level: 'object', operation: createMultipartUpload, required: { uploads: '' } },
  {
    method: 'PUT',
    level: 'object',
    operation: uploadPart,
    required: { partNumber: undefined, uploadId: undefined },
  },
  { method: 'POST', level: 'object', operation: completeMultipartUpload, required: { uploadId: undefined } },
  { method: 'DELETE', level: 'object', operation: abortMultipartUpload, required: { uploadId: undefined } },
  { method: 'PUT', level: 'object', operation: putObject },
  { method: 'GET', level: 'object', operation: getObject, allowed: RESPONSE_PARAMETERS },
  { method: 'HEAD', level: 'object', operation: headObject },
  { method: 'DELETE', level: 'object', operation: deleteObject },
];

/** S3's REST protocol, path style. */
export async function handleS3(
  { objects, nowMs, accountId }: Pick<S3Call, 'objects' | 'nowMs'> & { readonly accountId: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  response.setHeader('x-amz-request-id', requestId);
  try {
    const { bucket, key, query: given } = parseAddress(request.url ?? '/');
    const { query, headers } = checkPresigned(given, nowMs());
    Object.assign(request.headers, headers);
    refuseOtherOwner(request.headers, accountId);
    const operation = chooseOperation(request.method ?? '', { bucket, key, query });
    await operation({ bucket, key, query, objects, request, response, nowMs });
  } catch (error) {
    if (response.headersSent || response.destroyed) throw error;
    sendError(request, response, error instanceof S3Error ? error : internalError(error), requestId);
  }
}

function chooseOperation(method: string, { bucket, key, query }: S3Address): S3Operation {
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const route = ROUTES.find(
    (candidate) => candidate.method === method && candidate.level === level && fits(candidate, query),
  );
  if (route !== undefined) return route.operation;
  const parameters = query.size > 0 ? ` with ?${[...query.keys()].join('&')}` : '';
  throw notImplemented(`${method} on ${level} level${parameters}`);
}

function fits({ required = {}, allowed = [] }: Route, query: URLSearchParams): boolean {
  const hasRequired = Object.entries(required).every(
    ([name, value]) => query.has(name) && (value === undefined || query.get(name) === value),
  );
  // The SDKs name their operation in `x-id`, for logs.
  const known = new Set(['x-id', ...Object.keys(required), ...allowed]);
  return hasRequired && [...query.keys()].every((name) => known.has(name));
}

/** A bug, a full disk or a damaged file. */
function internalError(error: unknown): S3Error {
  warn(error);
  return new S3Error('InternalError', describeFailure(error));
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: S3Error,
  requestId: string,
): void {
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  // Clients read the answer when they have sent all.
  request.resume();
  if (request.method === 'HEAD') {
    response.writeHead(error.status).end();
    return;
  }
  sendXml(
    response,
    error.status,
    `<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>` +
      `<RequestId>${requestId}</RequestId></Error>`,
  );
}
