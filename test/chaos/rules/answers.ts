import { isDeepStrictEqual } from 'node:util';
import type { Notification, Result } from '../../../shared/contract/request.ts';
import type { Rule } from '../evidence.ts';
import { customIdOfMarker } from '../load.ts';
import { isShownByApi, type RequestView, refusalsOf, viewsByCustomId, viewsOf } from '../request-views.ts';
import { MOST_CLOCK_ERROR_MS } from '../schedule.ts';

/** Whoever was told that a request is accepted finds its end on the results queue and at the API. */
export const acknowledgedAreAnswered: Rule = (evidence) => {
  const byId = new Map(viewsOf(evidence).map((view) => [view.requestId, view]));
  const byCustomId = viewsByCustomId(evidence);
  return evidence.acknowledged.flatMap(({ customId, door, requestId }) => {
    const own =
      requestId === undefined
        ? (byCustomId.get(customId) ?? [])
        : [byId.get(requestId)].flatMap((view) => view ?? []);
    const faults = [
      ...(own.some(({ result }) => result !== undefined) ? [] : ['has no end']),
      ...(own.some(({ notifications }) => notifications.length > 0)
        ? []
        : ['has no message on the results queue']),
      ...(own.some(({ lines }) => lines.length > 0) ? [] : ['has no result in the bucket']),
    ];
    return faults.map((fault) => ({
      rule: 'acknowledged_are_answered',
      detail: `${customId} (${door}, ${requestId ?? 'id not told'}) ${fault}`,
    }));
  });
};

/** What was never acknowledged may have been accepted; then it ends like any other. */
export const startedAreEnded: Rule = (evidence) =>
  viewsOf(evidence)
    .filter(({ result }) => result === undefined)
    .map(({ requestId, planned }) => ({
      rule: 'started_are_ended',
      detail: `${planned?.customId} (${requestId}) was seen, and has no end`,
    }));

/** A canceled request may be ended where its metadata is not known: it lies in the lane message, which tells it later. */
const comparable = (result: Result): Result =>
  result.status === 'canceled' ? { ...result, metadata: {} } : result;

const isSame = (notification: Notification, result: Result): boolean => {
  const { truncated, ...told } = notification;
  const compared = truncated === true ? { ...result, content: null, output: null } : result;
  return isDeepStrictEqual(comparable(told), comparable(compared));
};

const contradictionsOf = ({ requestId, planned, result, notifications, lines }: RequestView): string[] => {
  if (result === undefined) return [];
  const who = `${planned?.customId} (${requestId})`;
  const others = notifications.filter((notification) => !isSame(notification, result));
  return [
    ...others.map(
      ({ status, finished_at, attempts }) =>
        `${who} ended as ${result.status} at ${result.finished_at} (attempts ${result.attempts}), but the results queue told ${status} at ${finished_at} (attempts ${attempts})`,
    ),
    ...(lines.some((line) => isDeepStrictEqual(line.result, result))
      ? []
      : [`${who} ended as ${result.status}, but no object of the bucket says the same`]),
  ];
};

/** API, results queue and bucket tell of one end. */
export const oneEnd: Rule = (evidence) =>
  viewsOf(evidence)
    .flatMap(contradictionsOf)
    .map((detail) => ({ rule: 'one_end', detail }));

const strangersOf = (view: RequestView): string[] => {
  const { planned, requestId } = view;
  if (planned === undefined) return [`${requestId} is nobody's request`];
  const seen = [view.result, ...view.notifications, ...view.lines.map(({ result }) => result)];
  return seen.flatMap((result) => {
    if (result === undefined) return [];
    const { customId, tenant, priority } = planned;
    const owned =
      result.custom_id === customId &&
      result.tenant === tenant &&
      result.priority === priority &&
      (result.metadata.of === customId || (result.status === 'canceled' && result.metadata.of === undefined));
    const echoed = result.content === null ? customId : customIdOfMarker(result.content);
    return [
      ...(owned
        ? []
        : [
            `${requestId} was sent as ${customId} by ${tenant}, and came back as ${result.custom_id} of ${result.tenant}`,
          ]),
      ...(echoed === customId ? [] : [`${customId} (${requestId}) got the answer of ${echoed ?? 'nobody'}`]),
    ];
  });
};

export const answersAreTheirOwn: Rule = (evidence) =>
  viewsOf(evidence)
    .flatMap(strangersOf)
    .map((detail) => ({ rule: 'answers_are_their_own', detail }));

export const oneKeyOneRequest: Rule = (evidence) =>
  [...viewsByCustomId(evidence)].flatMap(([customId, own]) =>
    own[0]?.planned === undefined || own[0].planned.keyed === 'none' || own.length === 1
      ? []
      : [{ rule: 'one_key_one_request', detail: `${customId} became ${own.length} requests under one key` }],
  );

export const othersAreNotShown: Rule = (evidence) =>
  viewsOf(evidence).flatMap(({ requestId, planned, answer }) =>
    isShownByApi(planned) || answer?.status === 404
      ? []
      : [
          {
            rule: 'others_are_not_shown',
            detail: `${requestId} of ${planned?.tenant} was shown to another tenant with status ${answer?.status}`,
          },
        ],
  );

/** All that is sent is sound, so nothing may be refused. */
export const nothingIsRefused: Rule = (evidence) =>
  refusalsOf(evidence).map(({ custom_id, error }) => ({
    rule: 'nothing_is_refused',
    detail: `${custom_id} was refused: ${error.detail ?? error.title}`,
  }));

/** One clock says until when, another that it is over. */
const isTooSoon = (finishedAt: string, expiresAt: string): boolean =>
  Date.parse(finishedAt) + 2 * MOST_CLOCK_ERROR_MS < Date.parse(expiresAt);

export const expiredNotBefore: Rule = (evidence) =>
  viewsOf(evidence).flatMap(({ requestId, planned, result }) =>
    result?.status !== 'expired' || !isTooSoon(result.finished_at, result.expires_at)
      ? []
      : [
          {
            rule: 'expired_not_before',
            detail: `${planned?.customId} (${requestId}) expired at ${result.finished_at}, before ${result.expires_at}`,
          },
        ],
  );
