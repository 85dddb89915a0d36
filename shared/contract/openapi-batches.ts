import { BATCH_DEFAULT_FIELDS } from './batch.ts';
import { BATCH_ID_PATTERN } from './keys.ts';
import { limit } from './limits.ts';
import {
  CORRELATION_ANSWER,
  CORRELATION_PARAMETER,
  IDEMPOTENCY_REPLAYED,
  idempotencyKey,
  type Json,
  json,
  LOCATION,
  problems,
  reference,
} from './openapi-parts.ts';

const id: Json = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: BATCH_ID_PATTERN.source },
};

const query = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});

const BATCH = json(reference('Batch'));

const submit: Json = {
  operationId: 'submitBatch',
  summary: 'Submit a batch',
  description:
    'Every request is checked first: with one fault nothing is accepted. Answers once the batch is durable; all its requests will end. In JSON with the requests inside, or without them, to be uploaded; or one request a line.',
  parameters: [
    idempotencyKey('The same key and body is the same batch again; another body is refused.'),
    CORRELATION_PARAMETER,
    ...['custom_id', ...BATCH_DEFAULT_FIELDS].map((name) =>
      query(name, 'With a body of lines: the field of `BatchCreation`.', { type: 'string' }),
    ),
  ],
  requestBody: {
    required: true,
    content: {
      ...json(reference('BatchCreation')),
      'application/x-ndjson': {
        schema: { type: 'string', description: 'One Envelope a line, without `idempotency_key`.' },
      },
    },
  },
  responses: {
    202: {
      description: 'Accepted and durable; or ready for its upload.',
      headers: { Location: LOCATION, ...CORRELATION_ANSWER, 'Idempotency-Replayed': IDEMPOTENCY_REPLAYED },
      content: BATCH,
    },
    ...problems([
      'malformed_json',
      'request_too_large',
      'unsupported_media_type',
      'invalid_request',
      'idempotency_conflict',
      'backlog_too_long',
      'internal_error',
      'temporarily_unavailable',
    ]),
  },
};

const start: Json = {
  operationId: 'startBatch',
  summary: 'Begin with a batch that was uploaded',
  description: 'Every line is checked before any is accepted; `GET /v1/batches/{id}` tells how that ended.',
  parameters: [id, CORRELATION_PARAMETER],
  responses: {
    200: { description: 'It is over already.', headers: CORRELATION_ANSWER, content: BATCH },
    202: { description: 'It has begun.', headers: CORRELATION_ANSWER, content: BATCH },
    ...problems([
      'not_found',
      'upload_missing',
      'upload_size_differs',
      'result_gone',
      'request_too_large',
      'backlog_too_long',
      'internal_error',
      'temporarily_unavailable',
    ]),
  },
};

const cancel: Json = {
  operationId: 'cancelBatch',
  summary: 'Cancel a batch',
  description: 'What waits ends as `canceled`. What runs may still be answered.',
  parameters: [id, CORRELATION_PARAMETER],
  responses: {
    200: { description: 'It is over.', headers: CORRELATION_ANSWER, content: BATCH },
    202: { description: 'It is being canceled.', headers: CORRELATION_ANSWER, content: BATCH },
    ...problems(['not_found', 'result_gone', 'internal_error']),
  },
};

const read: Json = {
  operationId: 'readBatch',
  summary: 'Read a batch and its counts',
  parameters: [id, CORRELATION_PARAMETER],
  responses: {
    200: { description: 'The batch.', headers: CORRELATION_ANSWER, content: BATCH },
    ...problems(['not_found', 'result_gone', 'internal_error']),
  },
};

const list: Json = {
  operationId: 'listBatches',
  summary: 'List batches',
  description: 'The caller’s own, newest first.',
  parameters: [
    CORRELATION_PARAMETER,
    query('limit', 'How many to look at; a page may hold fewer, though more follow.', {
      type: 'integer',
      minimum: 1,
      maximum: limit('list_entries'),
      default: 20,
    }),
    query('cursor', '`next_cursor` of the page before.', { type: 'string' }),
  ],
  responses: {
    200: {
      description: 'A page of batches.',
      headers: CORRELATION_ANSWER,
      content: json({
        type: 'object',
        required: ['batches', 'next_cursor'],
        properties: {
          batches: { type: 'array', items: reference('Batch') },
          next_cursor: { type: ['string', 'null'], description: 'Null on the last page.' },
        },
      }),
    },
    ...problems(['invalid_request', 'internal_error']),
  },
};

const results: Json = {
  operationId: 'readBatchResults',
  summary: 'Read the results of a batch, one a line, while it runs and after',
  description: 'Those that have ended, in the order of the batch; each has its `batch_index`.',
  parameters: [
    id,
    CORRELATION_PARAMETER,
    query('from', 'Index of the first request to look at.', { type: 'integer', minimum: 0, default: 0 }),
    query('limit', 'Most requests to look at; a page ends earlier where its bytes do.', {
      type: 'integer',
      minimum: 1,
      maximum: limit('batch_results_page'),
      default: 1000,
    }),
    query('status', 'Only these, with commas between them.', {
      type: 'string',
      example: 'failed,expired',
    }),
  ],
  responses: {
    200: {
      description: 'Results, one a line.',
      headers: {
        ...CORRELATION_ANSWER,
        Link: {
          description: 'The next page, as `rel="next"`; missing after the last.',
          schema: { type: 'string' },
        },
      },
      content: {
        'application/x-ndjson': { schema: { type: 'string', description: 'One Result a line.' } },
      },
    },
    ...problems(['not_found', 'result_gone', 'invalid_request', 'internal_error']),
  },
};

/** The paths of batches. */
export const BATCH_PATHS: Json = {
  '/v1/batches': { post: submit, get: list },
  '/v1/batches/{id}': { get: read },
  '/v1/batches/{id}/start': { post: start },
  '/v1/batches/{id}/cancel': { post: cancel },
  '/v1/batches/{id}/results': { get: results },
};
