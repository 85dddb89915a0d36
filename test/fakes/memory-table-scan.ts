import { tenantItemKey } from '../../shared/contract/keys.ts';
import { isTerminal } from '../../shared/contract/statuses.ts';
import type { ScanProgress, TableScan } from '../../shared/ports/table-scan.ts';
import type { MemoryBatchStore } from './memory-batch-store.ts';
import type { MemoryRequestStore } from './memory-request-store.ts';
import type { MemoryTenantStore } from './memory-tenant-store.ts';

export interface MemoryTables {
  readonly requests: MemoryRequestStore;
  readonly batches: MemoryBatchStore;
  readonly tenants: MemoryTenantStore;
}

const UNDER_WAY = new Set(['validating', 'in_progress', 'canceling']);

export const createMemoryTableScan = (
  { requests, batches, tenants }: MemoryTables,
  pageItems = Number.POSITIVE_INFINITY,
): TableScan => {
  let progress: ScanProgress | undefined;
  const keysOf = (): readonly string[] =>
    [
      ...requests.all().map(({ requestId }) => requestId),
      ...batches.all().map(({ batchId }) => batchId),
      ...tenants.all().map(({ pool, tenant }) => tenantItemKey(pool, tenant)),
    ].toSorted();
  return {
    page: async (after = '', { expiredBeforeMs, attemptOverBeforeMs, acceptedBeforeMs }) => {
      const left = keysOf().filter((key) => key > after);
      const keys = left.slice(0, pageItems);
      const isOnPage = (key: string): boolean => keys.includes(key);
      return {
        requests: requests
          .all()
          .filter(
            ({ requestId, status, expiresAtMs, attemptUntilMs = 0 }) =>
              isOnPage(requestId) &&
              !isTerminal(status) &&
              (expiresAtMs < expiredBeforeMs ||
                (status === 'running' && attemptUntilMs < attemptOverBeforeMs)),
          ),
        batches: batches
          .all()
          .filter(
            ({ batchId, status, acceptedAtMs }) =>
              isOnPage(batchId) && UNDER_WAY.has(status) && acceptedAtMs < acceptedBeforeMs,
          ),
        tenants: tenants
          .all()
          .map(({ pool, tenant, waiting }) => ({ key: tenantItemKey(pool, tenant), waiting }))
          .filter(({ key, waiting }) => isOnPage(key) && waiting !== 0),
        next: left.length > keys.length ? keys.at(-1) : undefined,
      };
    },
    readProgress: async () => progress,
    saveProgress: async (next, seen) => {
      if (progress?.version !== seen?.version) return false;
      progress = next;
      return true;
    },
  };
};
