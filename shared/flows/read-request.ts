import type { PendingRequest, Result } from '../contract/request.ts';
import type { RequestItem } from '../contract/request-item.ts';
import type { Settings } from '../contract/settings.ts';
import { isTerminal } from '../contract/statuses.ts';
import { hasLapsed, toPendingView, toResultWithoutText, type ViewContext } from '../core/to-view.ts';
import type { Clock } from '../ports/clock.ts';
import type { Objects } from '../ports/objects.ts';
import type { RequestStore } from '../ports/request-store.ts';
import { parseStoredResult } from './stored-result.ts';

export interface ReadDeps {
  readonly settings: Settings;
  readonly region: string;
  readonly requests: RequestStore;
  readonly objects: Objects;
  readonly clock: Clock;
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

const readResult = async (item: RequestItem, context: ViewContext, objects: Objects): Promise<Reading> => {
  if (item.result === undefined) return { kind: 'ended', result: toResultWithoutText(item, context) };
  const bytes = await objects.get(item.result.key, item.result);
  if (bytes === undefined) return { kind: 'gone' };
  const result = parseStoredResult(bytes);
  if (result === undefined)
    throw new Error(`the result of ${item.requestId} in ${item.result.key} is no JSON`);
  return { kind: 'ended', result };
};

/** A request as its own tenant sees it; to others it does not exist. */
export const createReadRequest =
  (deps: ReadDeps) =>
  async ({ requestId, tenant }: ReadInput): Promise<Reading> => {
    const item = await deps.requests.read(requestId);
    if (item === undefined || item.tenant !== tenant) return { kind: 'not_found' };
    const nowMs = deps.clock.nowMs();
    if (item.ttlSeconds !== undefined && item.ttlSeconds * 1000 <= nowMs) return { kind: 'gone' };
    const modelId = deps.settings.models[item.pool]?.model_id ?? item.pool;
    const context: ViewContext = { modelId, region: deps.region, nowMs };
    if (isTerminal(item.status)) return readResult(item, context, deps.objects);
    if (hasLapsed(item, nowMs)) return { kind: 'ended', result: toResultWithoutText(item, context) };
    return { kind: 'pending', request: toPendingView(item, context) };
  };
