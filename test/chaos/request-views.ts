import type { Notification, Refusal, Result } from '../../shared/contract/request.ts';
import { isTerminal, STATUS_NAMES } from '../../shared/contract/statuses.ts';
import { DEFAULT_TENANT } from '../../shared/contract/tenants.ts';
import type { ApiAnswer, Evidence, StoredLine } from './evidence.ts';
import type { PlannedRequest } from './load.ts';

/** All that was seen of one request id. */
export interface RequestView {
  readonly requestId: string;
  readonly planned: PlannedRequest | undefined;
  readonly notifications: readonly Notification[];
  /** Its end as the API tells it, or the results queue where the API may not; nothing when it has none. */
  readonly result: Result | undefined;
  readonly answer: ApiAnswer | undefined;
  readonly lines: readonly StoredLine[];
}

const isRefusal = (message: Notification | Refusal): message is Refusal => message.request_id === null;

export const refusalsOf = ({ notifications }: Evidence): readonly Refusal[] =>
  notifications.filter(isRefusal);

export const notificationsOf = ({ notifications }: Evidence): readonly Notification[] =>
  notifications.filter((message): message is Notification => !isRefusal(message));

const groupBy = <T>(
  entries: readonly T[],
  keyOf: (entry: T) => string,
): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry)) ?? [];
    groups.set(keyOf(entry), group);
    group.push(entry);
  }
  return groups;
};

const endedResult = (body: unknown): Result | undefined => {
  const result = body as Result | null;
  const status = STATUS_NAMES.find((name) => name === result?.status);
  return status !== undefined && isTerminal(status) && result !== null ? result : undefined;
};

/** Callers without a credential are the default tenant, and see nobody else's requests. */
export const isShownByApi = (planned: PlannedRequest | undefined): boolean =>
  planned === undefined || planned.tenant === DEFAULT_TENANT;

/** Every id that anybody outside was ever told. */
export const requestIdsOf = (seen: Pick<Evidence, 'acknowledged' | 'notifications' | 'stored'>): string[] => [
  ...new Set([
    ...seen.acknowledged.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId])),
    ...seen.notifications.flatMap(({ request_id }) => (request_id === null ? [] : [request_id])),
    ...seen.stored.map(({ result }) => result.request_id),
  ]),
];

const views = new WeakMap<Evidence, readonly RequestView[]>();

const createViews = (evidence: Evidence): readonly RequestView[] => {
  const notifications = groupBy(notificationsOf(evidence), ({ request_id }) => request_id);
  const lines = groupBy(evidence.stored, ({ result }) => result.request_id);
  const answers = new Map(evidence.answers.map((answer) => [answer.requestId, answer]));
  const planned = new Map(evidence.planned.map((request) => [request.customId, request]));
  const customIds = new Map(evidence.acknowledged.map(({ requestId, customId }) => [requestId, customId]));
  return requestIdsOf(evidence).map((requestId) => {
    const own = notifications.get(requestId) ?? [];
    const stored = lines.get(requestId) ?? [];
    const answer = answers.get(requestId);
    const told = endedResult(answer?.body);
    const named = told ?? own[0] ?? stored[0]?.result;
    const request = planned.get(customIds.get(requestId) ?? named?.custom_id ?? '');
    const result = isShownByApi(request) ? told : own.find(({ truncated }) => truncated !== true);
    return { requestId, planned: request, notifications: own, result, answer, lines: stored };
  });
};

export const viewsOf = (evidence: Evidence): readonly RequestView[] => {
  const known = views.get(evidence);
  if (known !== undefined) return known;
  const created = createViews(evidence);
  views.set(evidence, created);
  return created;
};

export const viewsByCustomId = (evidence: Evidence): ReadonlyMap<string, readonly RequestView[]> =>
  groupBy(viewsOf(evidence), ({ planned }) => planned?.customId ?? '');
