import type { BatchItem, BatchTally } from '../../shared/contract/batch-item.ts';
import { countMembers, emptyTally, membersOf } from '../../shared/core/batch-tally.ts';
import type { BatchStore } from '../../shared/ports/batch-store.ts';

export interface MemoryBatchStore extends BatchStore {
  all(): readonly BatchItem[];
  /** Puts a batch in whatever state a test needs. */
  put(batch: BatchItem): void;
}

export const createMemoryBatchStore = (): MemoryBatchStore => {
  const batches = new Map<string, BatchItem>();
  const tallies = new Map<string, BatchTally>();
  return {
    create: async (batch) => {
      const existing = batches.get(batch.batchId);
      if (existing !== undefined) return { kind: 'exists', batch: existing };
      batches.set(batch.batchId, batch);
      return { kind: 'created' };
    },
    read: async (batchId) => batches.get(batchId),
    change: async (batchId, from, { ttlSeconds, ...fields }) => {
      const batch = batches.get(batchId);
      if (batch === undefined || !from.includes(batch.status)) return undefined;
      if (fields.cursor !== undefined && fields.cursor.index < batch.cursor.index) return undefined;
      const { ttlSeconds: before, ...rest } = batch;
      const ttl = ttlSeconds === undefined ? before : (ttlSeconds ?? undefined);
      const changed = { ...rest, ...fields, ...(ttl === undefined ? {} : { ttlSeconds: ttl }) };
      batches.set(batchId, changed);
      return changed;
    },
    count: async ({ batchId, tally }, members) => {
      const key = `${batchId}#${tally}`;
      const before = tallies.get(key) ?? emptyTally(membersOf(tally, members[0]?.batch.total ?? 0));
      const after = countMembers(before, members);
      tallies.set(key, after);
      return after;
    },
    tally: async ({ batchId, tally }) => tallies.get(`${batchId}#${tally}`),
    tallies: async (batchId, count) =>
      Array.from({ length: count }, (_, tally) => tallies.get(`${batchId}#${tally}`) ?? []).flat(),
    all: () => [...batches.values()],
    put: (batch) => {
      batches.set(batch.batchId, batch);
    },
  };
};
