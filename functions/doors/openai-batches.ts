import type { Context, Hono } from 'hono';
import type { Json } from '../../shared/core/answers/json-members.ts';
import { modelNamesOfSettings } from '../../shared/core/dialects/model-names.ts';
import {
  OPENAI_BATCH_PREFIX,
  parseOpenAiOrder,
  toOpenAiBatch,
  toSentLines,
} from '../../shared/core/dialects/openai/batch.ts';
import { readLines } from '../../shared/core/read-line.ts';
import { createCancelBatch } from '../../shared/flows/batches/cancel-batch.ts';
import { createCreateBatch } from '../../shared/flows/batches/create-batch.ts';
import type { BatchInQuestion } from '../../shared/flows/batches/find-batch.ts';
import { createReadBatch } from '../../shared/flows/batches/read-batch.ts';
import type { Files } from '../../shared/flows/files/keep-files.ts';
import { missingBatch } from '../runtime/batch-response.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { parseIdempotencyKey } from '../runtime/idempotency-key.ts';
import { readJsonBody } from '../runtime/json-body.ts';
import { problemResponse, toProblemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import { batchOf } from './find-own-batch.ts';
import { type ListStyle, readListPage } from './list-page.ts';
import { toFaulty } from './to-faulty.ts';

const PATH = '/openai/v1/batches';
const LIST: ListStyle = { prefix: OPENAI_BATCH_PREFIX, after: 'after' };

const create = async (context: Context, deps: DoorDeps, files: Files): Promise<Response> => {
  const body = await readJsonBody(context.req.raw);
  if (!body.ok) return body.response;
  const parsed = parseOpenAiOrder(body.value);
  if (!parsed.ok) return toFaulty(parsed.faults);
  const tenant = tenantOfCaller(context);
  const { inputFileId } = parsed.order;
  const content = await files.read({ fileId: inputFileId, tenant });
  if (content === undefined)
    return problemResponse('not_found', { detail: `There is no file \`${inputFileId.slice(0, 100)}\`.` });
  const models = modelNamesOfSettings(deps.settings);
  const converted = toSentLines(readLines(content), parsed.order, { models });
  if (!converted.ok) return toFaulty(converted.faults);
  const key = parseIdempotencyKey(context.req.header('idempotency-key'));
  const acceptance = await createCreateBatch(deps)({
    sent: converted.sent,
    tenant,
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
  return acceptance.kind === 'refused'
    ? toProblemResponse(acceptance.problem)
    : jsonResponse(toOpenAiBatch(acceptance.batch, []), { status: 200 });
};

const list = async (context: Context, deps: DoorDeps): Promise<Response> => {
  const read = await readListPage(context, LIST, deps);
  if (!read.ok) return read.response;
  const { batches, next } = read.page;
  const data: readonly Json[] = batches.map(({ batch, tallies }) => toOpenAiBatch(batch, tallies));
  return jsonResponse(
    {
      object: 'list',
      data,
      has_more: next !== undefined,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    },
    { status: 200 },
  );
};

/** Batches of a file's lines, which are batches of ours. */
export const addOpenAiBatches = (app: Hono, deps: DoorDeps, files: Files): void => {
  const readBatch = createReadBatch(deps);
  const cancelBatch = createCancelBatch(deps);
  const read = async (named: BatchInQuestion): Promise<Response> => {
    const reading = await readBatch(named);
    return reading.kind === 'found'
      ? jsonResponse(toOpenAiBatch(reading.batch, reading.tallies), { status: 200 })
      : missingBatch(reading, named.batchId);
  };
  const cancel = async (named: BatchInQuestion): Promise<Response> => {
    const outcome = await cancelBatch(named);
    return outcome.kind === 'canceling' || outcome.kind === 'over'
      ? read(named)
      : missingBatch(outcome, named.batchId);
  };
  const known =
    (handle: (named: BatchInQuestion) => Promise<Response>) =>
    (context: Context): Promise<Response> | Response => {
      const named = batchOf(context, OPENAI_BATCH_PREFIX);
      return named === undefined
        ? missingBatch({ kind: 'not_found' }, context.req.param('id') ?? '')
        : handle(named);
    };
  app.post(PATH, (context) => create(context, deps, files));
  app.get(PATH, (context) => list(context, deps));
  app.get(`${PATH}/:id`, known(read));
  app.post(`${PATH}/:id/cancel`, known(cancel));
};
