import { DEAD_LETTER_REASONS } from './dead-letter.ts';
import { limit } from './limits.ts';
import {
  CORRELATION_ANSWER,
  CORRELATION_PARAMETER,
  type Json,
  json,
  problems,
  reference,
} from './openapi-parts.ts';

const ONLY_OPERATORS =
  'For callers that the setting `operators` names; in the local run everybody is one, unless the setting says otherwise.';

const parameter = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});

const limitParameter = (description: string): Json =>
  parameter('limit', description, {
    type: 'integer',
    minimum: 1,
    maximum: limit('list_entries'),
    default: 20,
  });

const page = (name: string, schema: string, next: string): Json => ({
  description: 'A page.',
  headers: CORRELATION_ANSWER,
  content: json({
    type: 'object',
    required: [name, next],
    properties: {
      [name]: { type: 'array', items: reference(schema) },
      [next]: { type: ['string', 'null'], description: 'Null on the last page.' },
    },
  }),
});

const list: Json = {
  operationId: 'listDeadLetters',
  summary: 'List requests that failed and can be sent again',
  description: `Of all tenants, pool by pool, the last to die first, without texts. ${ONLY_OPERATORS}`,
  parameters: [
    parameter('reason', 'The error code they ended with.', { type: 'string', enum: DEAD_LETTER_REASONS }),
    parameter('model', 'A pool, or one of its model ids.', { type: 'string' }),
    parameter('tenant', 'Whose they are.', { type: 'string' }),
    parameter('older_than_seconds', 'Died so long ago at least.', { type: 'integer', minimum: 0 }),
    parameter('younger_than_seconds', 'Died less long ago.', { type: 'integer', minimum: 0 }),
    limitParameter('How many to look at; a page may hold fewer, though more follow.'),
    parameter('cursor', '`next_cursor` of the page before.', { type: 'string' }),
  ],
  responses: {
    200: page('dead_letters', 'DeadLetter', 'next_cursor'),
    ...problems(['not_an_operator', 'invalid_request', 'internal_error']),
  },
};

const read: Json = {
  operationId: 'readDeadLetter',
  summary: 'Read a dead letter and its history',
  description: ONLY_OPERATORS,
  parameters: [
    {
      name: 'id',
      in: 'path',
      required: true,
      schema: { type: 'string', pattern: '^req_[0-9A-HJKMNP-TV-Z]{26}$' },
    },
  ],
  responses: {
    200: {
      description: 'How it died, and how before it was reopened.',
      headers: CORRELATION_ANSWER,
      content: json(reference('DeadLetter')),
    },
    ...problems(['not_an_operator', 'not_found', 'internal_error']),
  },
};

const redrive: Json = {
  operationId: 'redriveDeadLetters',
  summary: 'Send dead letters again',
  description: `One page of those that match: call again with \`next_cursor\` until that is null. Each is reopened once, however many redrives meet it; what was reopened before and not begun with has its lane message sent once more. ${ONLY_OPERATORS}`,
  parameters: [CORRELATION_PARAMETER],
  requestBody: { required: true, content: json(reference('RedriveOrder')) },
  responses: {
    200: {
      description: 'What was done, or would be.',
      headers: CORRELATION_ANSWER,
      content: json(reference('RedriveAnswer')),
    },
    ...problems([
      'malformed_json',
      'not_an_operator',
      'request_too_large',
      'unsupported_media_type',
      'invalid_request',
      'internal_error',
    ]),
  },
};

const listRedrives: Json = {
  operationId: 'listRedrives',
  summary: 'Who sent dead letters again, when and why',
  description: `Latest first; the list is kept for ever. ${ONLY_OPERATORS}`,
  parameters: [
    limitParameter('How many.'),
    parameter('before', '`next_before` of the page before.', { type: 'string' }),
  ],
  responses: {
    200: page('redrives', 'Redrive', 'next_before'),
    ...problems(['not_an_operator', 'invalid_request', 'internal_error']),
  },
};

export const DEAD_LETTER_PATHS: Json = {
  '/v1/dead-letters': { get: list },
  '/v1/dead-letters/{id}': { get: read },
  '/v1/dead-letters/redrive': { post: redrive },
  '/v1/redrives': { get: listRedrives },
};
