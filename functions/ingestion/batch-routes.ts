import type { Hono } from 'hono';
import type { Batch, BatchUpload } from '../../shared/contract/batch.ts';
import type { BatchItem } from '../../shared/contract/batch-item.ts';
import { isOver } from '../../shared/contract/batch-statuses.ts';
import { BATCH_ID_PATTERN } from '../../shared/contract/keys.ts';
import { tallyCount } from '../../shared/core/batch-tally.ts';
import { toBatchView } from '../../shared/core/batch-view.ts';
import type { BatchDeps } from '../../shared/flows/batches/batch-deps.ts';
import { createCancelBatch } from '../../shared/flows/batches/cancel-batch.ts';
import { createCreateBatch } from '../../shared/flows/batches/create-batch.ts';
import type { BatchInQuestion } from '../../shared/flows/batches/find-batch.ts';
import { createStartBatch } from '../../shared/flows/batches/start-batch.ts';
import { missingBatch } from '../runtime/batch-response.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import { parseIdempotencyKey } from '../runtime/idempotency-key.ts';
import { toProblemResponse } from '../runtime/problem-response.ts';
import { jsonResponse } from '../runtime/request-response.ts';
import { readBatchBody } from './batch-body.ts';

const viewOf = async (batch: BatchItem, deps: BatchDeps, upload?: BatchUpload): Promise<Batch> =>
  toBatchView(batch, await deps.batches.tallies(batch.batchId, tallyCount(batch.total)), upload);

const create = async (request: Request, tenant: string, deps: BatchDeps): Promise<Response> => {
  const body = await readBatchBody(request);
  if (!body.ok) return body.response;
  const key = parseIdempotencyKey(request.headers.get('idempotency-key') ?? undefined);
  const acceptance = await createCreateBatch(deps)({
    sent: body.sent,
    tenant,
    ...(key === undefined ? {} : { idempotencyKey: key }),
  });
  if (acceptance.kind === 'refused') return toProblemResponse(acceptance.problem);
  const { batch, replayed, upload } = acceptance;
  return jsonResponse(await viewOf(batch, deps, upload), {
    status: 202,
    headers: {
      location: `/v1/batches/${batch.batchId}`,
      ...(replayed ? { 'idempotency-replayed': 'true' } : {}),
    },
  });
};

type Act = (named: BatchInQuestion, deps: BatchDeps) => Promise<Response>;

const start: Act = async (named, deps) => {
  const outcome = await createStartBatch(deps)(named);
  if (outcome.kind === 'refused') return toProblemResponse(outcome.problem);
  if (outcome.kind !== 'started') return missingBatch(outcome, named.batchId);
  const status = isOver(outcome.batch.status) ? 200 : 202;
  return jsonResponse(await viewOf(outcome.batch, deps), { status });
};

const cancel: Act = async (named, deps) => {
  const outcome = await createCancelBatch(deps)(named);
  if (outcome.kind !== 'canceling' && outcome.kind !== 'over') return missingBatch(outcome, named.batchId);
  const status = outcome.kind === 'over' ? 200 : 202;
  return jsonResponse(await viewOf(outcome.batch, deps), { status });
};

/** The HTTP door for batches that are submitted, started and canceled. */
export const addBatchRoutes = (app: Hono, deps: BatchDeps): void => {
  const known = (batchId: string, tenant: string, act: Act) =>
    BATCH_ID_PATTERN.test(batchId)
      ? act({ batchId, tenant }, deps)
      : missingBatch({ kind: 'not_found' }, batchId);
  app.post('/v1/batches', (context) => create(context.req.raw, tenantOfCaller(context), deps));
  app.post('/v1/batches/:id/start', (context) =>
    known(context.req.param('id'), tenantOfCaller(context), start),
  );
  app.post('/v1/batches/:id/cancel', (context) =>
    known(context.req.param('id'), tenantOfCaller(context), cancel),
  );
};
