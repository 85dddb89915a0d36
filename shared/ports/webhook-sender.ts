import type { WebhookAnswer } from '../core/events/judge-delivery.ts';

export interface OutgoingWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls addresses that strangers have named. */
export interface WebhookSender {
  /** One attempt: no redirect is followed, no private address called, nothing of the answer kept but its status. */
  send(webhook: OutgoingWebhook): Promise<WebhookAnswer>;
}
