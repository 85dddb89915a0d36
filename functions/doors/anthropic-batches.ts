import type { Context, Hono } from 'hono';
import type { BatchItem } from '../../shared/contract/batch-item.ts';
import type { Json } from '../../shared/core/answers/json-members.ts';
import {
  ANTHROPIC_BATCH_PREFIX,
  toMessageBatch,
  toMessageBatchLine,
  toSentBatch,
} from '../../shared/core/dialects/anthropic/batch.ts';
import { toDialectBatchId } from '../../shared/core/dialects/batch-ids.ts';
import { modelNamesOfSettings } from '../../shared/core/dialects/model-names.ts';
import { createCancelBatch } from '../../shared/flows/batches/cancel-batch.ts';
import { createCreateBatch } from '../../shared/flows/batches/create-batch.ts';
import { createDeleteBatch } from '../../shared/flows/batches/delete-batch.ts';
import type { BatchInQuestion } from '../../shared/flows/batches/find-batch.ts';
import { createReadBatch } from '../../shared/flows/batches/read-batch.ts';
import { missingBatch } from '../runtime/batch-response.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { parseIdempotencyKey } from '../runtime/idempotency-key.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { problemResponse, toProblemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import { batchOf } from './find-own-batch.ts';
import { type ListStyle, readListPage } from './list-page.ts';
import { streamResults } from './results-stream.ts';
import { toFaulty } from './to-faulty.ts';

const PATH = '/anthropic/v1/messages/batches';
const LIST: ListStyle = { prefix: ANTHROPIC_BATCH_PREFIX, after: 'after_id', before: 'before_id' };

const idOf = ({ batchId }: Pick<BatchItem, 'batchId'>): string =>
  toDialectBatchId(ANTHROPIC_BATCH_PREFIX, batchId);

const resultsUrl = ({ req }: Context, batch: Pick<BatchItem, 'batchId'>): string =>
  new URL(`${PATH}/${idOf(batch)}/results`, req.url).href;

type Handle = (named: BatchInQuestion, context: Context) => Promise<Response>;

const createHandlers = (
  deps: DoorDeps,
): Readonly<Record<'read' | 'results' | 'cancel' | 'remove', Handle>> => {
  const readBatch = createReadBatch(deps);
  const cancelBatch = createCancelBatch(deps);
  const deleteBatch = createDeleteBatch(deps);
  const read: Handle = async (named, context) => {
    const reading = await readBatch(named);
    if (reading.kind !== 'found') return missingBatch(reading, named.batchId);
    const { batch, tallies } = reading;
    return jsonResponse(toMessageBatch(batch, tallies, resultsUrl(context, batch)), { status: 200 });
  };
  return {
    read,
    results: (named) =>
      streamResults(named, { toLine: toMessageBatchLine, contentType: 'application/x-jsonl' }, deps),
    cancel: async (named, context) => {
      const outcome = await cancelBatch(named);
      return outcome.kind === 'canceling' || outcome.kind === 'over'
        ? read(named, context)
        : missingBatch(outcome, named.batchId);
    },
    remove: async (named) => {
      const outcome = await deleteBatch(named);
      if (outcome.kind === 'deleted')
        return jsonResponse({ id: idOf(named), type: 'message_batch_deleted' }, { status: 200 });
      if (outcome.kind !== 'unfinished') return missingBatch(outcome, named.batchId);
      return problemResponse('invalid_request', {
        detail: `${idOf(named)} has not ended: cancel it, and delete it once it has.`,
      });
    },
  };
};

const create = async (context: Context, deps: DoorDeps): Promise<Response> => {
  const body = await readJsonBody(context.req.raw);
  if (!body.ok) return body.response;
  const converted = toSentBatch(body.value, { models: modelNamesOfSettings(deps.settings) });
  if (!converted.ok) return toFaulty(converted.faults);
  const key = parseIdempotencyKey(context.req.header('idempotency-key'));
  const acceptance = await createCreateBatch(deps)({
    sent: converted.sent,
    tenant: tenantOfCaller(context),
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
  if (acceptance.kind === 'refused') return toProblemResponse(acceptance.problem);
  const { batch } = acceptance;
  return jsonResponse(toMessageBatch(batch, [], resultsUrl(context, batch)), { status: 200 });
};

const list = async (context: Context, deps: DoorDeps): Promise<Response> => {
  const read = await readListPage(context, LIST, deps);
  if (!read.ok) return read.response;
  const { batches, next } = read.page;
  const data: readonly Json[] = batches.map(({ batch, tallies }) =>
    toMessageBatch(batch, tallies, resultsUrl(context, batch)),
  );
  return jsonResponse(
    { data, has_more: next !== undefined, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null },
    { status: 200 },
  );
};

/** Batches of messages, which are batches of ours. */
export const addAnthropicBatches = (app: Hono, deps: DoorDeps): void => {
  const handlers = createHandlers(deps);
  const known =
    (handle: Handle) =>
    (context: Context): Promise<Response> | Response => {
      const named = batchOf(context, ANTHROPIC_BATCH_PREFIX);
      return named === undefined
        ? missingBatch({ kind: 'not_found' }, context.req.param('id') ?? '')
        : handle(named, context);
    };
  app.post(PATH, (context) => create(context, deps));
  app.get(PATH, (context) => list(context, deps));
  app.get(`${PATH}/:id`, known(handlers.read));
  app.get(`${PATH}/:id/results`, known(handlers.results));
  app.post(`${PATH}/:id/cancel`, known(handlers.cancel));
  app.delete(`${PATH}/:id`, known(handlers.remove));
};
