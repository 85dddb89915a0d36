import { z } from 'zod';
import { batchCountsSchema, batchCreationSchema, batchSchema, batchUploadSchema } from './batch.ts';
import {
  controlChangeViewSchema,
  controlOrderSchema,
  controlsViewSchema,
  controlViewSchema,
} from './controls.ts';
import { converseSchema } from './converse.ts';
import { deadLetterViewSchema } from './dead-letter.ts';
import { envelopeSchema } from './envelope.ts';
import { batchEstimateSchema, estimateSchema } from './estimate.ts';
import { deliverySchema, eventSchema } from './events.ts';
import { limit } from './limits.ts';
import { BATCH_PATHS } from './openapi-batches.ts';
import { CONTROL_PATHS } from './openapi-controls.ts';
import { DEAD_LETTER_PATHS } from './openapi-dead-letters.ts';
import {
  CORRELATION_ANSWER,
  CORRELATION_PARAMETER,
  IDEMPOTENCY_REPLAYED,
  idempotencyKey,
  type Json,
  json,
  LOCATION,
  problems,
  RETRY_AFTER,
  reference,
} from './openapi-parts.ts';
import { SECURITY_SCHEMES, withSecurity } from './openapi-security.ts';
import { WEBHOOK_PATHS, webhookSecretSchema } from './openapi-webhooks.ts';
import { problemSchema } from './problem.ts';
import { healthSchema, poolQuotaSchema, quotaSchema, targetQuotaSchema } from './quota-view.ts';
import { redriveAnswerSchema, redriveOrderSchema, redriveRecordSchema } from './redrive.ts';
import { pendingRequestSchema, resultSchema, usageSchema } from './request.ts';

/** That of the package: a test compares the two. */
export const API_VERSION = '0.1.0';

const registry = z.registry<{ id: string }>();
registry.add(envelopeSchema, { id: 'Envelope' });
registry.add(converseSchema, { id: 'Converse' });
registry.add(pendingRequestSchema, { id: 'PendingRequest' });
registry.add(resultSchema, { id: 'Result' });
registry.add(usageSchema, { id: 'Usage' });
registry.add(problemSchema, { id: 'Problem' });
registry.add(estimateSchema, { id: 'Estimate' });
registry.add(batchEstimateSchema, { id: 'BatchEstimate' });
registry.add(batchCreationSchema, { id: 'BatchCreation' });
registry.add(batchSchema, { id: 'Batch' });
registry.add(batchCountsSchema, { id: 'BatchCounts' });
registry.add(batchUploadSchema, { id: 'BatchUpload' });
registry.add(quotaSchema, { id: 'Quota' });
registry.add(poolQuotaSchema, { id: 'PoolQuota' });
registry.add(targetQuotaSchema, { id: 'TargetQuota' });
registry.add(controlOrderSchema, { id: 'ControlOrder' });
registry.add(controlsViewSchema, { id: 'Controls' });
registry.add(controlViewSchema, { id: 'Control' });
registry.add(controlChangeViewSchema, { id: 'ControlChange' });
registry.add(deadLetterViewSchema, { id: 'DeadLetter' });
registry.add(redriveOrderSchema, { id: 'RedriveOrder' });
registry.add(redriveAnswerSchema, { id: 'RedriveAnswer' });
registry.add(redriveRecordSchema, { id: 'Redrive' });
registry.add(eventSchema, { id: 'Event' });
registry.add(deliverySchema, { id: 'WebhookDelivery' });
registry.add(webhookSecretSchema, { id: 'WebhookSecret' });
registry.add(healthSchema, { id: 'Health' });

/** OpenAPI names its components by their place; ids and dialects of their own would contradict it. */
const componentSchemas = (): Json => {
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $id: _id, $schema: _dialect, ...schema }]) => [id, schema]),
  );
};

const REQUEST: Json = { oneOf: [reference('PendingRequest'), reference('Result')] };

const RATE_LIMIT: Json = {
  'RateLimit-Policy': {
    description: 'The quotas of the request’s pool: draft-ietf-httpapi-ratelimit-headers-10.',
    schema: { type: 'string' },
  },
  RateLimit: { description: 'What is left of each, and when it is whole again.', schema: { type: 'string' } },
};

const REQUEST_ID_PARAMETER: Json = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^req_[0-9A-HJKMNP-TV-Z]{26}$' },
};

const submit: Json = {
  operationId: 'submitRequest',
  summary: 'Submit a request',
  description: 'Answers once the request is durable. It will reach exactly one terminal status.',
  parameters: [
    idempotencyKey('The same key and body is the same request again; another body is refused.'),
    CORRELATION_PARAMETER,
  ],
  requestBody: { required: true, content: json(reference('Envelope')) },
  responses: {
    202: {
      description: 'Accepted and durable; or, for a replay that has ended, its result.',
      headers: {
        Location: LOCATION,
        'Retry-After': RETRY_AFTER,
        ...RATE_LIMIT,
        ...CORRELATION_ANSWER,
        'Idempotency-Replayed': IDEMPOTENCY_REPLAYED,
      },
      content: json(REQUEST),
    },
    ...problems([
      'malformed_json',
      'request_too_large',
      'unsupported_media_type',
      'invalid_request',
      'idempotency_conflict',
      'too_many_waiting',
      'backlog_too_long',
      'internal_error',
      'temporarily_unavailable',
    ]),
  },
};

const read: Json = {
  operationId: 'readRequest',
  summary: 'Read a request and, once it ended, its result',
  parameters: [
    REQUEST_ID_PARAMETER,
    {
      name: 'wait',
      in: 'query',
      required: false,
      description:
        'Answer only once the request has ended, or after so many seconds; also as header `Prefer: wait=`.',
      schema: { type: 'integer', minimum: 0 },
    },
    CORRELATION_PARAMETER,
  ],
  responses: {
    200: {
      description: 'The request, or its result.',
      headers: {
        'Retry-After': { ...RETRY_AFTER, description: 'Present until it has ended.' },
        'Preference-Applied': {
          description: '`wait=` and the seconds it would have waited at most, when that was asked for.',
          schema: { type: 'string' },
        },
        ...RATE_LIMIT,
        ...CORRELATION_ANSWER,
      },
      content: json(REQUEST),
    },
    ...problems(['invalid_request', 'not_found', 'result_gone', 'internal_error']),
  },
};

const plain = (operationId: string, summary: string, schema: Json): Json => ({
  operationId,
  summary,
  responses: { 200: { description: summary, content: json(schema) }, ...problems(['internal_error']) },
});

const cancel: Json = {
  operationId: 'cancelRequest',
  summary: 'Cancel a request',
  parameters: [REQUEST_ID_PARAMETER, CORRELATION_PARAMETER],
  responses: {
    200: {
      description: 'It has ended: canceled by this, or however it ended before.',
      headers: CORRELATION_ANSWER,
      content: json(reference('Result')),
    },
    202: {
      description: 'It runs, and is about to be stopped, unless it is answered first.',
      headers: { 'Retry-After': RETRY_AFTER, ...CORRELATION_ANSWER },
      content: json(reference('PendingRequest')),
    },
    ...problems(['not_found', 'result_gone', 'internal_error', 'temporarily_unavailable']),
  },
};

const queryParameter = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});

const list: Json = {
  operationId: 'listRequests',
  summary: 'List requests',
  description:
    'Newest first, without the texts of answers. Without the setting `index_requests` only what needs attention can be listed.',
  parameters: [
    queryParameter('needs_attention', '`true`: only what failed or expired, by when it ended.', {
      type: 'string',
      enum: ['true', 'false'],
    }),
    queryParameter('status', 'One or more statuses, with commas between them.', { type: 'string' }),
    queryParameter('custom_id', 'Only requests with this one.', { type: 'string' }),
    queryParameter('limit', 'How many to look at; a page may hold fewer, though more follow.', {
      type: 'integer',
      minimum: 1,
      maximum: limit('list_entries'),
      default: 20,
    }),
    queryParameter('cursor', '`next_cursor` of the page before.', { type: 'string' }),
  ],
  responses: {
    200: {
      description: 'A page of requests.',
      headers: CORRELATION_ANSWER,
      content: json({
        type: 'object',
        required: ['requests', 'next_cursor'],
        properties: {
          requests: { type: 'array', items: REQUEST },
          next_cursor: { type: ['string', 'null'], description: 'Null on the last page.' },
        },
      }),
    },
    ...problems(['invalid_request', 'internal_error']),
  },
};

const estimate: Json = {
  operationId: 'estimateRequests',
  summary: 'What requests would cost and how long they would take',
  description: 'Checks as a submission does, and queues nothing. Takes one request, or many as a batch.',
  parameters: [CORRELATION_PARAMETER],
  requestBody: {
    required: true,
    content: json({
      oneOf: [
        reference('Envelope'),
        {
          type: 'object',
          required: ['requests'],
          properties: { requests: { type: 'array', minItems: 1, items: reference('Envelope') } },
        },
      ],
    }),
  },
  responses: {
    200: {
      description: 'The estimate of one, or of all together.',
      headers: CORRELATION_ANSWER,
      content: json({ oneOf: [reference('Estimate'), reference('BatchEstimate')] }),
    },
    ...problems([
      'malformed_json',
      'request_too_large',
      'unsupported_media_type',
      'invalid_request',
      'internal_error',
    ]),
  },
};

const health: Json = {
  operationId: 'health',
  summary: 'Whether the API answers',
  parameters: [
    {
      name: 'deep',
      in: 'query',
      required: false,
      description: '`1` asks every store, each for two seconds at most.',
      schema: { type: 'string', enum: ['1', 'true'] },
    },
  ],
  responses: {
    200: { description: 'It does.', content: json(reference('Health')) },
    ...problems(['store_not_well', 'internal_error']),
  },
};

/** The published contract, derived from the schemas that the doors check with. */
export const createOpenApi = (): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'Bedrock Request Smoother',
    version: API_VERSION,
    description: 'A durable queue and an honest governor in front of Amazon Bedrock.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  paths: withSecurity({
    '/v1/requests': { get: list, post: submit },
    '/v1/requests/estimate': { post: estimate },
    '/v1/requests/{id}': { get: read },
    '/v1/requests/{id}/cancel': { post: cancel },
    '/v1/quota': {
      get: plain('readQuota', 'The quota of every pool, and who uses it', reference('Quota')),
    },
    ...CONTROL_PATHS,
    ...DEAD_LETTER_PATHS,
    ...WEBHOOK_PATHS,
    ...BATCH_PATHS,
    '/health': { get: health },
    '/openapi.json': { get: plain('openapi', 'This API, described', { type: 'object' }) },
  }),
  components: { schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES },
});
