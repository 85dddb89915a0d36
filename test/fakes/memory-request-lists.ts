import type { BatchItem } from '../../shared/contract/batch-item.ts';
import type { RequestItem } from '../../shared/contract/request-item.ts';
import type { ListPosition, ListQuestion, RequestLists } from '../../shared/ports/request-lists.ts';

const isIn = (item: RequestItem, { list, tenant }: ListQuestion): boolean => {
  if (item.tenant !== tenant) return false;
  if (list.by === 'attention') return item.status === 'failed' || item.status === 'expired';
  return list.by === 'tenant' || (list.by === 'custom_id' && item.customId === list.customId);
};

const atOf = (item: RequestItem, { list }: ListQuestion): number =>
  list.by === 'attention' ? (item.finishedAtMs ?? 0) : item.acceptedAtMs;

const isBefore = (left: ListPosition, right: ListPosition): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.requestId < right.requestId);

const requestsIn = (items: readonly RequestItem[], question: ListQuestion): readonly ListPosition[] =>
  items
    .filter((item) => isIn(item, question))
    .map((item) => ({ requestId: item.requestId, atMs: atOf(item, question) }));

const batchesIn = (batches: readonly BatchItem[], { tenant }: ListQuestion): readonly ListPosition[] =>
  batches
    .filter((batch) => batch.tenant === tenant)
    .map(({ batchId, createdAtMs }) => ({ requestId: batchId, atMs: createdAtMs }));

/** Lists of whatever stores in memory hold. */
export const createMemoryRequestLists = (
  requests: { all(): readonly RequestItem[] },
  batches: { all(): readonly BatchItem[] },
): RequestLists => ({
  page: async (question) => {
    const { after, limit } = question;
    const all =
      question.list.by === 'batches'
        ? batchesIn(batches.all(), question)
        : requestsIn(requests.all(), question);
    const entries = all
      .filter((entry) => after === undefined || isBefore(entry, after))
      .sort((left, right) => (isBefore(left, right) ? 1 : -1));
    const page = entries.slice(0, limit);
    return { entries: page, next: entries.length > limit ? page.at(-1) : undefined };
  },
});
