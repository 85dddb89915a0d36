import { z } from 'zod';
import { DELIVERY_STATUSES } from './events.ts';
import { limit } from './limits.ts';
import {
  CORRELATION_ANSWER,
  CORRELATION_PARAMETER,
  type Json,
  json,
  problems,
  reference,
} from './openapi-parts.ts';

export const webhookSecretSchema = z
  .object({
    secret: z
      .string()
      .meta({ description: '`whsec_` and base64, as the libraries of Standard Webhooks take it.' }),
    previous_until: z.string().nullable().meta({
      format: 'date-time',
      description: 'Until then each webhook has a second signature, made with the secret before.',
    }),
  })
  .meta({ id: 'WebhookSecret', description: 'What your webhooks are signed with.' });

const query = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});

const list: Json = {
  operationId: 'listWebhookDeliveries',
  summary: 'How the webhooks of your requests and batches went',
  description: 'The last event first.',
  parameters: [
    query('status', 'Only such.', { type: 'string', enum: DELIVERY_STATUSES }),
    query('request_id', 'Only of this request.', { type: 'string' }),
    query('limit', 'How many at most; a page may hold fewer, though more follow.', {
      type: 'integer',
      minimum: 1,
      maximum: limit('list_entries'),
      default: 20,
    }),
    query('cursor', '`next_cursor` of the page before.', { type: 'string' }),
    CORRELATION_PARAMETER,
  ],
  responses: {
    200: {
      description: 'A page.',
      headers: CORRELATION_ANSWER,
      content: json({
        type: 'object',
        required: ['deliveries', 'next_cursor'],
        properties: {
          deliveries: { type: 'array', items: reference('WebhookDelivery') },
          next_cursor: { type: ['string', 'null'], description: 'Null on the last page.' },
        },
      }),
    },
    ...problems(['invalid_request', 'internal_error']),
  },
};

const replay: Json = {
  operationId: 'replayWebhookDelivery',
  summary: 'Send a webhook again',
  description: 'With all its attempts, and the same `webhook-id`; what was under way of it is void.',
  parameters: [
    {
      name: 'id',
      in: 'path',
      required: true,
      schema: { type: 'string', pattern: '^evt_[0-9A-HJKMNP-TV-Z]{26}$' },
    },
    CORRELATION_PARAMETER,
  ],
  responses: {
    202: {
      description: 'It is ordered anew.',
      headers: CORRELATION_ANSWER,
      content: json(reference('WebhookDelivery')),
    },
    ...problems(['not_found', 'internal_error', 'temporarily_unavailable']),
  },
};

const secret = (operationId: string, summary: string, description: string): Json => ({
  operationId,
  summary,
  description,
  parameters: [CORRELATION_PARAMETER],
  responses: {
    200: { description: 'It.', headers: CORRELATION_ANSWER, content: json(reference('WebhookSecret')) },
    ...problems(['not_found', 'internal_error']),
  },
});

export const WEBHOOK_PATHS: Json = {
  '/v1/webhooks/deliveries': { get: list },
  '/v1/webhooks/deliveries/{id}/replay': { post: replay },
  '/v1/webhooks/secret': {
    post: secret(
      'readWebhookSecret',
      'What your webhooks are signed with',
      'Made when it is first asked for.',
    ),
  },
  '/v1/webhooks/secret/rotate': {
    post: secret(
      'rotateWebhookSecret',
      'Sign webhooks with another secret',
      'For a day they are signed with the one before as well.',
    ),
  },
};
