import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AdminServices, handleAdmin, isAdminRequest } from './admin/handle-admin.ts';
import { Caller } from './caller.ts';
import { refuseParameters } from './dynamodb/refuse-parameters.ts';
import { refuseTags } from './dynamodb/refuse-tags.ts';
import { type DynamoDb, JSON_HEADERS } from './dynamodb/start-dynamodb.ts';
import type { TimeToLiveSettings } from './dynamodb/time-to-live.ts';
import { meetFault } from './faults/meet-fault.ts';
import type { StoreCall } from './faults/store-faults.ts';
import { BodyTooLargeError, readBody } from './read-body.ts';
import { refuseTarget, sendInternalFailure } from './refuse-request.ts';
import { handleS3 } from './s3/handle-s3.ts';
import type { ObjectStore } from './s3/object-store.ts';
import { handleSns } from './sns/handle-sns.ts';
import type { SnsServices } from './sns/sns-action.ts';
import { handleSqs } from './sqs/handle-sqs.ts';
import type { MoveTasks } from './sqs/move-tasks.ts';
import type { UndeliveredResponses } from './undelivered-responses.ts';

export interface Services extends AdminServices, SnsServices {
  readonly moves: MoveTasks;
  readonly objects: ObjectStore;
  readonly dynamoDb: DynamoDb;
  readonly timeToLive: TimeToLiveSettings;
  readonly undelivered: UndeliveredResponses;
  /** Aborts when the cloud closes. */
  readonly closing: AbortSignal;
}

/** DynamoDB's own limit. A full SQS batch of 1 MiB is at most 6 MiB of escaped JSON. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const SQS_TARGET = 'AmazonSQS.';
const DYNAMODB_TARGET = /^DynamoDB(Streams)?_/;

/** JSON services are known by their target, query services by their form; everything else is S3. */
export async function routeRequest(
  services: Services,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  services.undelivered.forget(request.socket);
  try {
    const target = request.headers['x-amz-target'];
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    if (isAdminRequest(request)) await handleAdmin(services, request, response);
    else if (typeof target === 'string') await routeTarget(services, target, request, response);
    else if (isForm && request.method === 'POST')
      await answerQuery(services, await readBody(request, MAX_BODY_BYTES), response);
    // Clients read the answer when they have sent all.
    else if (meets(services, { service: 's3', operation: request.method ?? '' }, response)) request.resume();
    else await handleS3(services, request, response);
  } catch (error) {
    if (response.destroyed) return;
    if (error instanceof BodyTooLargeError) response.writeHead(413, { connection: 'close' }).end();
    else sendInternalFailure(response, error);
  }
}

/** Whether a fault that was asked for has taken the place of the answer. */
function meets({ faults }: Services, call: StoreCall, response: ServerResponse): boolean {
  const fault = faults.meet(call);
  return fault !== undefined && meetFault(call.service, fault, response);
}

async function answerQuery(services: Services, body: Buffer, response: ServerResponse): Promise<void> {
  const reply = await handleSns(services, body);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
  response.end(reply.body);
}

async function routeTarget(
  services: Services,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES);
  const [, operation = ''] = target.split('.');
  if (target.startsWith(SQS_TARGET)) {
    if (!meets(services, { service: 'sqs', operation }, response))
      await answerSqs(services, operation, request, body, response);
  } else if (DYNAMODB_TARGET.test(target)) {
    if (!meets(services, { service: 'dynamodb', operation }, response))
      await answerDynamoDb(services, target, request, body, response);
  } else refuseTarget(response);
}

async function answerDynamoDb(
  { dynamoDb, timeToLive }: Services,
  target: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const [, action = ''] = target.split('.');
  const reply = refuseTags(action, body) ?? refuseParameters(action, body) ?? timeToLive.answer(action, body);
  if (reply === undefined) {
    dynamoDb.handle(request, body, response);
    return;
  }
  const answered = await reply;
  response.writeHead(answered.status, { ...JSON_HEADERS, 'x-amzn-requestid': randomUUID() });
  response.end(answered.body);
}

async function answerSqs(
  { queues, moves, undelivered, accountId, closing, settings }: Services,
  action: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  // Lossy as SQS can be: who has gone stays in line, and keeps what it was given.
  const { lossyAbort } = settings.current;
  const caller = new Caller(response, closing, !lossyAbort);
  const queueUrlPrefix = `http://${request.headers.host}/${accountId}/`;
  try {
    const reply = await handleSqs(action, body, { queues, moves, queueUrlPrefix, caller });
    const { undo } = reply;
    // A failed write is no loss: visibility is not on disk, so the messages are visible again either way.
    if (undo && !lossyAbort) undelivered.watch(request, response, () => void undo().catch(() => {}));
    if (response.destroyed) return;
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
  } finally {
    caller.release();
  }
}
