import type { BatchItem } from '../../contract/batch-item.ts';
import type { CompletionEvent } from '../../contract/events.ts';
import type { Result } from '../../contract/request.ts';
import { generationOf } from '../../contract/request-item.ts';
import { isTerminal } from '../../contract/statuses.ts';
import { deriveEventId } from '../request-id.ts';

/** A request has ended; nothing for one that has not. */
export const toRequestEvent = (result: Result): CompletionEvent | undefined => {
  const { request_id, batch_id = null, custom_id, tenant, status, pool, priority, finished_at } = result;
  if (!isTerminal(status)) return undefined;
  const generation = generationOf(result);
  return {
    id: deriveEventId(Date.parse(finished_at), [request_id, generation]),
    type: `request.${status}`,
    timestamp: finished_at,
    data: {
      request_id,
      batch_id,
      custom_id,
      tenant,
      status,
      pool,
      priority,
      generation,
      error_code: result.error?.code ?? null,
    },
  };
};

export interface BatchEnd {
  readonly status: 'ended' | 'failed';
  readonly endedAtMs: number;
}

/** Named by the time at which the batch was sent: who dies before its end is written down tells of a later one. */
export const toBatchEvent = (batch: BatchItem, { status, endedAtMs }: BatchEnd): CompletionEvent => ({
  id: deriveEventId(batch.createdAtMs, [batch.batchId]),
  type: 'batch.ended',
  timestamp: new Date(endedAtMs).toISOString(),
  data: {
    request_id: null,
    batch_id: batch.batchId,
    custom_id: batch.customId,
    tenant: batch.tenant,
    status,
    pool: null,
    priority: null,
    generation: 0,
    error_code: null,
  },
});
