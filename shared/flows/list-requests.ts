import type { PendingRequest, Result } from '../contract/request.ts';
import type { RequestItem } from '../contract/request-item.ts';
import { isTerminal, type Status } from '../contract/statuses.ts';
import { ownedBy } from '../core/identity/owned-by.ts';
import { hasLapsed, toPendingView, toResultWithoutText } from '../core/to-view.ts';
import type { ListPosition, ListQuestion, RequestLists } from '../ports/request-lists.ts';
import type { RequestReader } from '../ports/request-reader.ts';
import { resultContextOf, type ViewDeps, viewContextOf } from './view-context.ts';

export interface ListDeps extends ViewDeps {
  readonly lists: RequestLists;
  readonly requestReader: RequestReader;
}

export interface ListInput extends ListQuestion {
  readonly statuses?: readonly Status[];
  readonly customId?: string;
}

export interface ListedRequests {
  readonly requests: readonly (PendingRequest | Result)[];
  readonly next: ListPosition | undefined;
}

const toListed = async (item: RequestItem, deps: ListDeps): Promise<PendingRequest | Result> => {
  const context = resultContextOf(item, deps);
  return isTerminal(item.status) || hasLapsed(item, context.nowMs)
    ? toResultWithoutText(item, context)
    : toPendingView(item, await viewContextOf(item, deps));
};

/** What was removed, or is about to be, is not listed; an index may be behind. */
const isKept = (item: RequestItem, { customId }: ListInput, nowMs: number): boolean =>
  (customId === undefined || item.customId === customId) &&
  (item.ttlSeconds === undefined || item.ttlSeconds * 1000 > nowMs);

/**
 * A page of a tenant's requests, without the texts of their answers. A page may hold fewer than asked for, though more
 * follow: its limit is of what is looked at.
 */
export const createListRequests =
  (deps: ListDeps) =>
  async (input: ListInput): Promise<ListedRequests> => {
    const { entries, next } = await deps.lists.page(input);
    const items = await deps.requestReader.readMany(entries.map(({ requestId }) => requestId));
    const nowMs = deps.clock.nowMs();
    const kept = entries
      .flatMap(({ requestId }) => ownedBy(input.tenant, items.get(requestId)) ?? [])
      .filter((item) => isKept(item, input, nowMs));
    const listed = await Promise.all(kept.map((item) => toListed(item, deps)));
    const { statuses } = input;
    return {
      requests: statuses === undefined ? listed : listed.filter(({ status }) => statuses.includes(status)),
      next,
    };
  };
