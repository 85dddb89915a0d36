import type { Context } from 'hono';
import { BATCH_ID_PATTERN } from '../../shared/contract/keys.ts';
import { fromDialectBatchId } from '../../shared/core/dialects/batch-ids.ts';
import type { BatchInQuestion } from '../../shared/flows/batches/find-batch.ts';
import { tenantOfCaller } from '../runtime/caller.ts';

/** The batch that a path names; what is no id names one that there is not. */
export const batchOf = (context: Context, prefix: string): BatchInQuestion | undefined => {
  const batchId = fromDialectBatchId(prefix, context.req.param('id') ?? '');
  return BATCH_ID_PATTERN.test(batchId) ? { batchId, tenant: tenantOfCaller(context) } : undefined;
};
