import type { CompletionEvent, Delivery } from '../../shared/contract/events.ts';
import type { WebhookAnswer } from '../../shared/core/events/judge-delivery.ts';
import type { DeliveryLog } from '../../shared/ports/delivery-log.ts';
import type { EventTopic } from '../../shared/ports/event-topic.ts';
import type { WebhookSecretStore, WebhookSecrets } from '../../shared/ports/webhook-secrets.ts';
import type { OutgoingWebhook, WebhookSender } from '../../shared/ports/webhook-sender.ts';

export const createMemoryDeliveryLog = (): DeliveryLog => {
  const deliveries = new Map<string, Delivery>();
  return {
    read: async (tenant, eventId) => deliveries.get(`${tenant} ${eventId}`),
    keep: async (delivery) => {
      deliveries.set(`${delivery.event.data.tenant} ${delivery.event_id}`, delivery);
    },
    list: async (tenant, before, most) =>
      [...deliveries.values()]
        .filter(({ event }) => event.data.tenant === tenant)
        .filter(({ event_id }) => before === undefined || event_id < before)
        .toSorted((left, right) => (left.event_id < right.event_id ? 1 : -1))
        .slice(0, most),
  };
};

export const createMemoryWebhookSecrets = (): WebhookSecretStore => {
  const all = new Map<string, WebhookSecrets>();
  return {
    read: async (tenant) => all.get(tenant),
    replace: async (tenant, secrets, instead) => {
      if (all.get(tenant)?.current !== instead) return false;
      all.set(tenant, secrets);
      return true;
    },
  };
};

export interface RecordedTopic extends EventTopic {
  readonly published: readonly CompletionEvent[];
  /** Refused from now on. */
  refused: boolean;
}

export const createRecordedTopic = (): RecordedTopic => {
  const published: CompletionEvent[] = [];
  const topic: RecordedTopic = {
    published,
    refused: false,
    publish: async (events) => {
      if (topic.refused) return new Set(events.keys());
      published.push(...events);
      return new Set();
    },
  };
  return topic;
};

export interface ScriptedReceiver extends WebhookSender {
  readonly sent: readonly OutgoingWebhook[];
  /** What it answers next; 200 once all are used up. */
  readonly answers: WebhookAnswer[];
}

export const createScriptedReceiver = (...answers: WebhookAnswer[]): ScriptedReceiver => {
  const sent: OutgoingWebhook[] = [];
  return {
    sent,
    answers,
    send: async (webhook) => {
      sent.push(webhook);
      return answers.shift() ?? { kind: 'answered', statusCode: 200 };
    },
  };
};
