import type { Delivery } from '../contract/events.ts';

/** How the deliveries of webhooks went, for as long as `delivery_retention_days`. */
export interface DeliveryLog {
  /** Strongly consistent. */
  read(tenant: string, eventId: string): Promise<Delivery | undefined>;
  /** In place of what was known of it. */
  keep(delivery: Delivery, untilSeconds: number): Promise<void>;
  /** Of one tenant, the last event first, those before this one, so many at most. */
  list(tenant: string, before: string | undefined, most: number): Promise<readonly Delivery[]>;
}
