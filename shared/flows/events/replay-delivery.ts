import type { Delivery, NotificationWork } from '../../contract/events.ts';
import { QUEUES } from '../../contract/names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeliveryLog } from '../../ports/delivery-log.ts';
import type { Queues } from '../../ports/queues.ts';
import { keptUntilSeconds } from './deliver-webhook.ts';

export interface ReplayDeps {
  readonly deliveries: DeliveryLog;
  readonly queues: Queues;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export type ReplayOutcome =
  | { readonly kind: 'ordered'; readonly delivery: Delivery }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unavailable' };

/** Orders a delivery anew, with all its attempts. An order that is under way is void from then on. */
export const createReplayDelivery =
  (deps: ReplayDeps) =>
  async (tenant: string, eventId: string): Promise<ReplayOutcome> => {
    const known = await deps.deliveries.read(tenant, eventId);
    if (known === undefined) return { kind: 'not_found' };
    const delivery: Delivery = {
      ...known,
      status: 'pending',
      attempts: 0,
      replays: known.replays + 1,
      next_attempt_at: null,
    };
    await deps.deliveries.keep(delivery, keptUntilSeconds(deps.clock.nowMs()));
    const { url, event, replays: replay } = delivery;
    const work: NotificationWork = { kind: 'webhook', url, event, replay };
    const untaken = await deps.queues.send(QUEUES.webhooks, [
      { body: JSON.stringify(work), groupId: tenant },
    ]);
    // Asked for once more, it is ordered once more.
    return untaken.size > 0 ? { kind: 'unavailable' } : { kind: 'ordered', delivery };
  };
