import type { PendingRequest, Result } from '../contract/request.ts';
import type { RequestItem } from '../contract/request-item.ts';
import { isTerminal } from '../contract/statuses.ts';
import { ownedBy } from '../core/identity/owned-by.ts';
import { hasLapsed, type ResultContext, toPendingView, toResultWithoutText } from '../core/to-view.ts';
import type { Objects } from '../ports/objects.ts';
import type { RequestStore } from '../ports/request-store.ts';
import { parseStoredResult, withAllAttempts } from './stored-result.ts';
import { resultContextOf, type ViewDeps, viewContextOf } from './view-context.ts';

export interface ReadDeps extends ViewDeps {
  readonly requests: RequestStore;
  readonly objects: Objects;
}

export interface ReadInput {
  readonly requestId: string;
  readonly tenant: string;
}

export type Reading =
  | { readonly kind: 'pending'; readonly request: PendingRequest }
  | { readonly kind: 'ended'; readonly result: Result }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'gone' };

const readResult = async (item: RequestItem, context: ResultContext, objects: Objects): Promise<Reading> => {
  if (item.result === undefined) return { kind: 'ended', result: toResultWithoutText(item, context) };
  const bytes = await objects.get(item.result.key, item.result);
  if (bytes === undefined) return { kind: 'gone' };
  const result = parseStoredResult(bytes);
  if (result === undefined)
    throw new Error(`the result of ${item.requestId} in ${item.result.key} is no JSON`);
  return { kind: 'ended', result: withAllAttempts(result, item) };
};

/** What an item that was read tells its own tenant. */
export const toReading = async (item: RequestItem, deps: ReadDeps): Promise<Reading> => {
  const context = resultContextOf(item, deps);
  const { nowMs } = context;
  if (item.ttlSeconds !== undefined && item.ttlSeconds * 1000 <= nowMs) return { kind: 'gone' };
  if (isTerminal(item.status)) return readResult(item, context, deps.objects);
  if (hasLapsed(item, nowMs)) return { kind: 'ended', result: toResultWithoutText(item, context) };
  return { kind: 'pending', request: toPendingView(item, await viewContextOf(item, deps)) };
};

/** A request as its own tenant sees it; to others it does not exist. */
export const createReadRequest =
  (deps: ReadDeps) =>
  async ({ requestId, tenant }: ReadInput): Promise<Reading> => {
    const item = ownedBy(tenant, await deps.requests.read(requestId));
    return item === undefined ? { kind: 'not_found' } : toReading(item, deps);
  };
