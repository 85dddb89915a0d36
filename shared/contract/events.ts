import { z } from 'zod';
import { ERROR_CODE_NAMES, type ErrorCodeName } from './error-codes.ts';
import { PRIORITIES } from './priorities.ts';

export const EVENT_TYPES = [
  'request.succeeded',
  'request.failed',
  'request.canceled',
  'request.expired',
  'batch.ended',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** `evt_`, ten digits of the time of the end, and sixteen that follow from what ended. */
export const EVENT_ID_PATTERN = /^evt_[0-9A-HJKMNP-TV-Z]{26}$/;

/** Thin: whoever wants the answer asks for it. Neither text nor metadata is in it. */
export const eventSchema = z
  .object({
    id: z.string().meta({ description: 'The same however often the event is told.' }),
    type: z.enum(EVENT_TYPES),
    timestamp: z.string().meta({ format: 'date-time', description: 'When it ended.' }),
    data: z.object({
      request_id: z.string().nullable().meta({ description: 'Null of a batch.' }),
      batch_id: z.string().nullable(),
      custom_id: z.string().nullable(),
      tenant: z.string(),
      status: z.enum(['succeeded', 'failed', 'canceled', 'expired', 'ended']),
      pool: z.string().nullable(),
      priority: z.enum(PRIORITIES).nullable(),
      generation: z.number().int().meta({ description: 'How often it was reopened; 0: never.' }),
      error_code: z
        .enum(ERROR_CODE_NAMES as [ErrorCodeName, ...ErrorCodeName[]])
        .nullable()
        .meta({ description: 'Why it has no answer.' }),
    }),
  })
  .meta({ id: 'Event', description: 'Something has ended.' });

export type CompletionEvent = z.infer<typeof eventSchema>;

/** On the `events` queue: to be told to everybody who has subscribed. */
export const publicationSchema = z.object({ kind: z.literal('event'), event: eventSchema });

/** On the `webhooks` queue: to be told to the one address that was named with what ended. */
export const deliveryOrderSchema = z.object({
  kind: z.literal('webhook'),
  url: z.string(),
  event: eventSchema,
  /** How often it had been ordered anew when this was sent: an earlier order is void. */
  replay: z.number().int().optional(),
});

export type DeliveryOrder = z.infer<typeof deliveryOrderSchema>;

export const notificationWorkSchema = z.discriminatedUnion('kind', [publicationSchema, deliveryOrderSchema]);

export type NotificationWork = z.infer<typeof notificationWorkSchema>;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;

/** Why an attempt brought nothing. */
export const DELIVERY_FAULTS = [
  'refused_address',
  'name_not_found',
  'timed_out',
  'tls',
  'not_reached',
  'bad_status',
  'gone',
] as const;

export type DeliveryFault = (typeof DELIVERY_FAULTS)[number];

const time = (description: string) => z.string().meta({ format: 'date-time', description });

/** One event and the address that it was to be told to. */
export const deliverySchema = z
  .object({
    event_id: z.string().meta({ description: 'Also the `webhook-id` of every attempt.' }),
    url: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    attempts: z.number().int().meta({ description: 'Since it was ordered, or ordered anew.' }),
    replays: z.number().int().meta({ description: 'How often it was ordered anew.' }),
    last_attempt_at: time('When it was tried last.').nullable(),
    last_status_code: z.number().int().nullable().meta({ description: 'What it was answered then.' }),
    last_fault: z.enum(DELIVERY_FAULTS).nullable(),
    next_attempt_at: time('When it is tried next, about.').nullable(),
    event: eventSchema,
  })
  .meta({ id: 'WebhookDelivery', description: 'How the telling of one event to one address went.' });

export type Delivery = z.infer<typeof deliverySchema>;
