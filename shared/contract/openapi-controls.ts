import { limit } from './limits.ts';
import {
  CORRELATION_ANSWER,
  CORRELATION_PARAMETER,
  type Json,
  json,
  problems,
  reference,
} from './openapi-parts.ts';

const numberParameter = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'query',
  required: false,
  description,
  schema: { type: 'integer', minimum: 1, ...schema },
});

const ONLY_OPERATORS =
  'For callers that the setting `operators` names; in the local run everybody is one, unless the setting says otherwise.';

const readControls: Json = {
  operationId: 'readControls',
  summary: 'What operators have set',
  description: ONLY_OPERATORS,
  responses: {
    200: {
      description: 'All that is not as the settings say.',
      headers: CORRELATION_ANSWER,
      content: json(reference('Controls')),
    },
    ...problems(['not_an_operator', 'internal_error']),
  },
};

const orderControl: Json = {
  operationId: 'orderControl',
  summary: 'Pause, resume, change a limit or a share',
  description: `Drains follow within a heartbeat of three seconds. ${ONLY_OPERATORS}`,
  parameters: [CORRELATION_PARAMETER],
  requestBody: { required: true, content: json(reference('ControlOrder')) },
  responses: {
    200: {
      description: 'The controls as they are now.',
      headers: CORRELATION_ANSWER,
      content: json(reference('Controls')),
    },
    ...problems([
      'malformed_json',
      'not_an_operator',
      'request_too_large',
      'unsupported_media_type',
      'invalid_request',
      'internal_error',
      'temporarily_unavailable',
    ]),
  },
};

const listChanges: Json = {
  operationId: 'listControlChanges',
  summary: 'Who changed what operators have set, when and why',
  description: `Latest first; the list is kept for ever. ${ONLY_OPERATORS}`,
  parameters: [
    numberParameter('limit', 'How many.', { maximum: limit('list_entries'), default: 20 }),
    numberParameter('before', '`next_before` of the page before.', {}),
  ],
  responses: {
    200: {
      description: 'A page of changes.',
      headers: CORRELATION_ANSWER,
      content: json({
        type: 'object',
        required: ['changes', 'next_before'],
        properties: {
          changes: { type: 'array', items: reference('ControlChange') },
          next_before: { type: ['integer', 'null'], description: 'Null on the last page.' },
        },
      }),
    },
    ...problems(['not_an_operator', 'invalid_request', 'internal_error']),
  },
};

export const CONTROL_PATHS: Json = {
  '/v1/controls': { get: readControls, post: orderControl },
  '/v1/controls/changes': { get: listChanges },
};
