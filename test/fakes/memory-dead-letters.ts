import type { RedriveRecord } from '../../shared/contract/redrive.ts';
import { generationOf, type RequestItem } from '../../shared/contract/request-item.ts';
import { canReopen } from '../../shared/core/dead-letter.ts';
import type { DeadLetterIndex } from '../../shared/ports/dead-letter-index.ts';
import type { RedriveLog } from '../../shared/ports/redrive-log.ts';
import type { ListPosition } from '../../shared/ports/request-lists.ts';

const isListed = (item: RequestItem): boolean =>
  canReopen(item) || (generationOf(item) > 0 && item.finishedAtMs === undefined);

const toPosition = (item: RequestItem): ListPosition => ({
  requestId: item.requestId,
  atMs: item.finishedAtMs ?? item.earlier?.at(-1)?.finishedAtMs ?? 0,
});

const isBefore = (left: ListPosition, right: ListPosition): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.requestId < right.requestId);

/** Of whatever a store in memory holds. */
export const createMemoryDeadLetterIndex = (requests: {
  all(): readonly RequestItem[];
}): DeadLetterIndex => ({
  page: async ({ pool, limit, after }) => {
    const entries = requests
      .all()
      .filter((item) => item.pool === pool && isListed(item))
      .map(toPosition)
      .filter((entry) => after === undefined || isBefore(entry, after))
      .toSorted((left, right) => (isBefore(left, right) ? 1 : -1));
    const page = entries.slice(0, limit);
    return { entries: page, next: entries.length > limit ? page.at(-1) : undefined };
  },
});

export const createMemoryRedriveLog = (): RedriveLog => {
  const records = new Map<string, RedriveRecord>();
  return {
    keep: async (record) => {
      records.set(record.redrive_id, record);
    },
    list: async (before, most) =>
      [...records.values()]
        .filter(({ redrive_id }) => before === undefined || redrive_id < before)
        .toSorted((left, right) => (left.redrive_id < right.redrive_id ? 1 : -1))
        .slice(0, most),
  };
};
