import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { escapeXml } from '../escape-xml.ts';
import { createBucket, deleteObjects, headBucket, listBuckets, listObjectsV2 } from './bucket-operations.ts';
import { deleteObject, getObject, headObject, putObject } from './object-operations.ts';
import type { ObjectStore } from './object-store.ts';
import { parseAddress, type S3Address, type S3Operation, sendXml } from './s3-call.ts';
import { notImplemented, S3Error } from './s3-error.ts';

interface Route {
  readonly operation: S3Operation;
  /** Told apart from other operations of the same method by this. */
  readonly required?: readonly [name: string, value: string];
  readonly allowed?: readonly string[];
}

/** A parameter that is in no route makes it another operation, or another meaning: neither is served. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET service': { operation: listBuckets },
  'PUT bucket': { operation: createBucket },
  'HEAD bucket': { operation: headBucket },
  'GET bucket': {
    operation: listObjectsV2,
    required: ['list-type', '2'],
    allowed: [
      'continuation-token',
      'delimiter',
      'encoding-type',
      'fetch-owner',
      'max-keys',
      'prefix',
      'start-after',
    ],
  },
  'POST bucket': { operation: deleteObjects, required: ['delete', ''] },
  'PUT object': { operation: putObject },
  'GET object': { operation: getObject },
  'HEAD object': { operation: headObject },
  'DELETE object': { operation: deleteObject },
};

/** S3's REST protocol, path style. */
export async function handleS3(
  objects: ObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  response.setHeader('x-amz-request-id', requestId);
  try {
    const address = parseAddress(request.url ?? '/');
    const operation = chooseOperation(request.method ?? '', address);
    await operation({ ...address, objects, request, response });
  } catch (error) {
    if (!(error instanceof S3Error) || response.headersSent) throw error;
    sendError(request, response, error, requestId);
  }
}

function chooseOperation(method: string, { bucket, key, query }: S3Address): S3Operation {
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const route = ROUTES[`${method} ${level}`];
  if (route === undefined) throw notImplemented(`${method} on ${level} level`);
  const { operation, required, allowed = [] } = route;
  // The SDKs name their operation in `x-id`, for logs.
  const known = new Set(['x-id', ...(required ? [required[0]] : []), ...allowed]);
  const unknown = [...query.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw notImplemented(`${method} on ${level} level with ?${unknown}`);
  if (required !== undefined && query.get(required[0]) !== required[1]) {
    throw notImplemented(`${method} on ${level} level without ?${required.join('=')}`);
  }
  return operation;
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: S3Error,
  requestId: string,
): void {
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
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
