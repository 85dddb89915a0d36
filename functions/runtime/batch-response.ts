import type { BatchMissing } from '../../shared/flows/batches/find-batch.ts';
import { problemResponse } from './problem-response.ts';

/** No such batch, or one that is no longer kept. */
export const missingBatch = ({ kind }: BatchMissing, batchId: string): Response =>
  kind === 'not_found'
    ? problemResponse('not_found', { detail: `There is no batch ${batchId}.` })
    : problemResponse('result_gone', { detail: `Batch ${batchId} is no longer kept.` });
