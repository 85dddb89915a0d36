import type { Delivery } from '../../contract/events.ts';
import { limit } from '../../contract/limits.ts';
import type { DeliveryLog } from '../../ports/delivery-log.ts';

export interface DeliveriesQuestion {
  readonly tenant: string;
  readonly status: Delivery['status'] | undefined;
  readonly requestId: string | undefined;
  readonly before: string | undefined;
  readonly most: number;
}

export interface DeliveriesPage {
  readonly deliveries: readonly Delivery[];
  /** Where to go on; nothing when that was all. */
  readonly next: string | undefined;
}

/** Looked through for one page: a filter that little passes comes to its end in more than one. */
const MOST_PAGES = 10;

const passes = ({ status, event }: Delivery, asked: DeliveriesQuestion): boolean =>
  (asked.status === undefined || asked.status === status) &&
  (asked.requestId === undefined || asked.requestId === event.data.request_id);

export const createListDeliveries =
  ({ deliveries }: { readonly deliveries: Pick<DeliveryLog, 'list'> }) =>
  async (question: DeliveriesQuestion): Promise<DeliveriesPage> => {
    const found: Delivery[] = [];
    let before = question.before;
    for (let page = 0; page < MOST_PAGES; page++) {
      const looked = await deliveries.list(question.tenant, before, limit('list_entries'));
      for (const delivery of looked) {
        if (passes(delivery, question)) found.push(delivery);
        before = delivery.event_id;
        if (found.length === question.most) return { deliveries: found, next: before };
      }
      if (looked.length < limit('list_entries')) return { deliveries: found, next: undefined };
    }
    return { deliveries: found, next: before };
  };
