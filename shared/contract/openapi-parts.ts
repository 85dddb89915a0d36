import { CORRELATION_HEADER, REQUEST_ID_HEADER } from './correlation.ts';
import { ERROR_CODES, type ErrorCodeName } from './error-codes.ts';
import { limit } from './limits.ts';

/** What the operations of the OpenAPI document are made of. */
export type Json = Readonly<Record<string, unknown>>;

export const reference = (id: string): Json => ({ $ref: `#/components/schemas/${id}` });

export const json = (schema: Json): Json => ({ 'application/json': { schema } });

export const RETRY_AFTER: Json = {
  description: 'Seconds until a poll, or another try, is worth while.',
  schema: { type: 'integer' },
};

export const CORRELATION_ANSWER: Json = {
  [CORRELATION_HEADER]: { description: 'As sent, or a new one.', schema: { type: 'string' } },
  [REQUEST_ID_HEADER]: { description: 'The same.', schema: { type: 'string' } },
};

/** Statuses whose answers say when to come again. */
const SENT_AGAIN: ReadonlySet<number> = new Set([429, 503]);

export const problems = (codes: readonly ErrorCodeName[]): Json => {
  const statuses = [...new Set(codes.map((code) => ERROR_CODES[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const here = codes.filter((code) => ERROR_CODES[code].status === status);
      const description = here.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}.`).join(' ');
      return [
        status,
        {
          description,
          headers: {
            ...(SENT_AGAIN.has(status) ? { 'Retry-After': RETRY_AFTER } : {}),
            ...CORRELATION_ANSWER,
          },
          content: { 'application/problem+json': { schema: reference('Problem') } },
        },
      ];
    }),
  );
};

export const CORRELATION_PARAMETER: Json = {
  name: CORRELATION_HEADER,
  in: 'header',
  description:
    'Your own thread through the logs of several systems; all of the request’s log lines carry it.',
  schema: { type: 'string', maxLength: limit('correlation_id_characters') },
};

export const idempotencyKey = (description: string): Json => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', maxLength: limit('idempotency_key_characters') },
});

export const LOCATION: Json = { description: 'Where to read it.', schema: { type: 'string' } };

export const IDEMPOTENCY_REPLAYED: Json = {
  description: '`true` when the key was known.',
  schema: { type: 'string' },
};
