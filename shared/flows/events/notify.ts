import { type CompletionEvent, type DeliveryOrder, notificationWorkSchema } from '../../contract/events.ts';
import { QUEUES } from '../../contract/names.ts';
import type { EventTopic } from '../../ports/event-topic.ts';
import type { Queues } from '../../ports/queues.ts';
import { createDeliverWebhook, type DeliverDeps } from './deliver-webhook.ts';

export interface NotifyDeps extends DeliverDeps {
  readonly topic: EventTopic;
  readonly queues: Pick<Queues, 'setVisibility'>;
}

export interface NotifyMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: unknown;
}

export type NotifyOutcome = 'done' | 'again';

interface Publishing {
  readonly place: number;
  readonly event: CompletionEvent;
}

const publish = async (
  publishing: readonly Publishing[],
  outcomes: NotifyOutcome[],
  { topic, telemetry }: NotifyDeps,
): Promise<void> => {
  if (publishing.length === 0) return;
  const failed = await topic.publish(publishing.map(({ event }) => event));
  for (const [index, { place }] of publishing.entries())
    outcomes[place] = failed.has(index) ? 'again' : 'done';
  if (failed.size > 0) telemetry.log('warn', 'events_not_published', { count: failed.size });
};

const createDeliver = (deps: NotifyDeps) => {
  const deliver = createDeliverWebhook(deps);
  return async (order: DeliveryOrder, receipt: string): Promise<NotifyOutcome> => {
    try {
      const outcome = await deliver(order);
      if (outcome.kind === 'done') return 'done';
      await deps.queues.setVisibility([{ queue: QUEUES.webhooks, receipt }], outcome.seconds);
    } catch (error) {
      // It comes again when the queue shows it again.
      deps.telemetry.log('error', 'webhook_not_attempted', {
        event_id: order.event.id,
        error: String(error),
      });
    }
    return 'again';
  };
};

/** What is unreadable comes again as often as its queue allows, and is kept with the dead letters. */
export const createNotify = (deps: NotifyDeps) => {
  const deliver = createDeliver(deps);
  return async (messages: readonly NotifyMessage[]): Promise<readonly NotifyOutcome[]> => {
    const outcomes: NotifyOutcome[] = messages.map(() => 'again');
    const publishing: Publishing[] = [];
    const deliveries: Promise<void>[] = [];
    for (const [place, { id, receipt, body }] of messages.entries()) {
      const { data: work } = notificationWorkSchema.safeParse(body);
      if (work === undefined) deps.telemetry.log('warn', 'message_unreadable', { message_id: id });
      else if (work.kind === 'event') publishing.push({ place, event: work.event });
      else
        deliveries.push(
          deliver(work, receipt).then((outcome) => {
            outcomes[place] = outcome;
          }),
        );
    }
    await Promise.all([publish(publishing, outcomes, deps), ...deliveries]);
    return outcomes;
  };
};
