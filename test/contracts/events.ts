import type { CompletionEvent, Delivery } from '../../shared/contract/events.ts';

/** A small number stands for an id that ends with it. */
export const eventId = (number: number): string => `evt_${String(number).padStart(26, '0')}`;

export const completionEvent = (
  number: number,
  data: Partial<CompletionEvent['data']> = {},
): CompletionEvent => ({
  id: eventId(number),
  type: 'request.succeeded',
  timestamp: '2026-01-31T12:00:00.000Z',
  data: {
    request_id: `req_${String(number).padStart(26, '0')}`,
    batch_id: null,
    custom_id: 'a-1',
    tenant: 'acme',
    status: 'succeeded',
    pool: 'haiku',
    priority: 'normal',
    generation: 0,
    error_code: null,
    ...data,
  },
});

export const deliveryOf = (event: CompletionEvent, fields: Partial<Delivery> = {}): Delivery => ({
  event_id: event.id,
  url: 'https://hooks.example.com/done',
  status: 'pending',
  attempts: 1,
  replays: 0,
  last_attempt_at: '2026-01-31T12:00:01.000Z',
  last_status_code: 503,
  last_fault: 'bad_status',
  next_attempt_at: '2026-01-31T12:00:06.000Z',
  event,
  ...fields,
});
