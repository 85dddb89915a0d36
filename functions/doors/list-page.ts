import type { Context } from 'hono';
import { limit } from '../../shared/contract/limits.ts';
import type { QueryFault } from '../../shared/contract/problem.ts';
import { fromDialectBatchId } from '../../shared/core/dialects/batch-ids.ts';
import { findBatch } from '../../shared/flows/batches/find-batch.ts';
import { createListBatches, type ListedBatches } from '../../shared/flows/batches/list-batches.ts';
import { missingBatch } from '../runtime/batch-response.ts';
import { tenantOfCaller } from '../runtime/caller.ts';
import type { DoorDeps } from '../runtime/compose-doors.ts';
import { toFaultyQuery } from '../runtime/problem-response.ts';
import { parameterFaults } from '../runtime/query-faults.ts';

const USUAL_ENTRIES = 20;

export interface ListStyle {
  /** Before the ids of batches. */
  readonly prefix: string;
  /** Parameter that names the entry which a page begins after. */
  readonly after: string;
  /** Parameter of a page that goes back, which ours do not. */
  readonly before?: string;
}

const faultsOf = (query: URLSearchParams, { after, before }: ListStyle): readonly QueryFault[] => {
  const entries = query.get('limit');
  const most = limit('list_entries');
  const isCount = entries === null || (/^\d{1,4}$/.test(entries) && +entries >= 1 && +entries <= most);
  return [
    ...parameterFaults(query, ['limit', after, ...(before === undefined ? [] : [before])]),
    ...(isCount
      ? []
      : [{ parameter: 'limit', code: 'out_of_range', detail: `must be from 1 to ${most}` } as const]),
    ...(before === undefined || !query.has(before)
      ? []
      : [
          {
            parameter: before,
            code: 'invalid_value',
            detail: `is not supported: lists go from the newest on, with \`${after}\``,
          } as const,
        ]),
  ];
};

export type ListPageRead =
  | { readonly ok: true; readonly page: ListedBatches }
  | { readonly ok: false; readonly response: Response };

/** A page of a tenant's batches, newest first, as clients of others ask for it: after one of its entries. */
export const readListPage = async (
  context: Context,
  style: ListStyle,
  deps: DoorDeps,
): Promise<ListPageRead> => {
  const query = new URL(context.req.url).searchParams;
  const faults = faultsOf(query, style);
  if (faults.length > 0) return { ok: false, response: toFaultyQuery(faults) };
  const tenant = tenantOfCaller(context);
  const afterId = query.get(style.after);
  const after =
    afterId === null
      ? undefined
      : await findBatch({ batchId: fromDialectBatchId(style.prefix, afterId), tenant }, deps);
  if (after !== undefined && after.kind !== 'found')
    return { ok: false, response: missingBatch(after, String(afterId)) };
  const page = await createListBatches(deps)({
    tenant,
    limit: Number(query.get('limit') ?? USUAL_ENTRIES),
    ...(after === undefined
      ? {}
      : { after: { requestId: after.batch.batchId, atMs: after.batch.createdAtMs } }),
  });
  return { ok: true, page };
};
