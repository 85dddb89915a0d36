import type { BatchItem } from '../../contract/batch-item.ts';
import type { CompletionEvent, NotificationWork } from '../../contract/events.ts';
import { QUEUES } from '../../contract/names.ts';
import type { Result } from '../../contract/request.ts';
import { tellingOf } from '../../contract/resources.ts';
import type { Settings } from '../../contract/settings.ts';
import { toNotificationBody } from '../../core/build-segment.ts';
import { type BatchEnd, toBatchEvent, toRequestEvent } from '../../core/events/completion-event.ts';
import type { OutgoingMessage, Queues } from '../../ports/queues.ts';

export interface TellDeps {
  readonly settings: Pick<Settings, 'completion_events' | 'webhooks'>;
  readonly queues: Queues;
}

interface Told {
  /** Whose place among the ends it has. */
  readonly index: number;
  readonly event: CompletionEvent;
  readonly callbackUrl: string | undefined;
}

const NOBODY: ReadonlySet<number> = new Set();

const toMessage = (work: NotificationWork): OutgoingMessage => ({
  body: JSON.stringify(work),
  groupId: work.event.data.tenant,
});

/** Answers with the places of those of which a queue did not take the event. */
const sendEvents = async (told: readonly Told[], deps: TellDeps): Promise<ReadonlySet<number>> => {
  const { subscribers, callbacks } = tellingOf(deps.settings);
  const send = async (queue: string, works: readonly (readonly [number, NotificationWork])[]) => {
    if (works.length === 0) return [];
    const failed = await deps.queues.send(
      queue,
      works.map(([, work]) => toMessage(work)),
    );
    return works.flatMap(([index], place) => (failed.has(place) ? [index] : []));
  };
  const events = subscribers
    ? told.map(({ index, event }) => [index, { kind: 'event', event }] as const)
    : [];
  const calls = told.flatMap(({ index, event, callbackUrl: url }) =>
    callbacks && url !== undefined ? [[index, { kind: 'webhook', url, event }] as const] : [],
  );
  const untold = await Promise.all([send(QUEUES.events, events), send(QUEUES.webhooks, calls)]);
  return new Set(untold.flat());
};

const isAnybodyTold = ({ settings }: TellDeps): boolean => {
  const { subscribers, callbacks } = tellingOf(settings);
  return subscribers || callbacks;
};

const toTold = ({ result, callbackUrl }: RequestEnd, index: number): readonly Told[] => {
  const event = toRequestEvent(result);
  return event === undefined ? [] : [{ index, event, callbackUrl }];
};

export interface RequestEnd {
  readonly result: Result;
  /** Of the request, where it named one. */
  readonly callbackUrl?: string | undefined;
}

/**
 * Tells of requests that have ended: the results queue, and those who are told of events. Answers with the places of
 * those that a queue did not take; all of such a one is told again.
 */
export const tellEnds = async (ends: readonly RequestEnd[], deps: TellDeps): Promise<ReadonlySet<number>> => {
  if (ends.length === 0) return NOBODY;
  const told = isAnybodyTold(deps) ? ends.flatMap(toTold) : [];
  const untold = await Promise.all([
    deps.queues.send(
      QUEUES.results,
      ends.map(({ result }) => ({ body: toNotificationBody(result), groupId: result.tenant })),
    ),
    sendEvents(told, deps),
  ]);
  return new Set(untold.flatMap((failed) => [...failed]));
};

/**
 * Tells of a batch, before its end is written down: whoever dies in between, or is not understood, comes again.
 * Throws when a queue does not take it.
 */
export const tellBatchEnd = async (batch: BatchItem, end: BatchEnd, deps: TellDeps): Promise<void> => {
  const event = toBatchEvent(batch, end);
  const untold = await sendEvents([{ index: 0, event, callbackUrl: batch.callbackUrl }], deps);
  if (untold.size > 0) throw new Error(`the end of ${batch.batchId} could not be told`);
};
