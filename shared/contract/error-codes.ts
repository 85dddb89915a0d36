/**
 * Every code that a problem or a fault can carry.
 *
 * `refused`: answered at the door; nothing was accepted, but for `not_answered_yet`, which tells so.
 * `retried`: the pipeline goes on by itself; callers never see it as an end.
 * `failed`: the accepted request ends as `failed` (or `expired`) with this code.
 * `fault`: names one place in a refused request, inside `errors[]`.
 */
export type Disposition = 'refused' | 'retried' | 'failed' | 'fault';

export interface ErrorCode {
  readonly disposition: Disposition;
  /** HTTP status of a problem with this code; a fault has that of the problem it is part of. */
  readonly status: number;
  readonly title: string;
  /** What a problem says where nothing more precise is known; the remedy, unless that would read oddly. */
  readonly detail?: string;
  /** What its reader can do about it. */
  readonly remedy: string;
}

export const ERROR_CODES = {
  malformed_json: {
    disposition: 'refused',
    status: 400,
    title: 'The body is not valid JSON',
    remedy: 'Send one JSON object, encoded as UTF-8.',
  },
  invalid_request: {
    disposition: 'refused',
    status: 422,
    title: 'The request has faults',
    remedy: 'Mend every place that `errors` names; nothing was accepted.',
  },
  idempotency_conflict: {
    disposition: 'refused',
    status: 422,
    title: 'The idempotency key was used with another body',
    remedy: 'Send the first body again, or choose a new key.',
  },
  unsupported_media_type: {
    disposition: 'refused',
    status: 415,
    title: 'The media type is not supported',
    remedy: 'Send `Content-Type: application/json`.',
  },
  request_too_large: {
    disposition: 'refused',
    status: 413,
    title: 'The body is too large',
    remedy: 'Send a smaller body; `docs/reference/limits.md` has the limits.',
  },
  not_found: {
    disposition: 'refused',
    status: 404,
    title: 'Not found',
    remedy: 'Check the path and the id; a request of another tenant is not shown.',
  },
  unauthenticated: {
    disposition: 'refused',
    status: 401,
    title: 'The caller is not known',
    detail: 'No API key came with the request.',
    remedy: 'Send a valid API key as `Authorization: Bearer …` or `x-api-key`.',
  },
  insufficient_scope: {
    disposition: 'refused',
    status: 403,
    title: 'The API key is not good for this',
    remedy: 'Use a key that has the scope in `missing_scope`, or have one made.',
  },
  unknown_tenant: {
    disposition: 'refused',
    status: 403,
    title: 'The caller belongs to no tenant',
    remedy: 'Have the caller added to `principals` or `senders` of a tenant, or to the token a claim.',
  },
  not_an_operator: {
    disposition: 'refused',
    status: 403,
    title: 'The caller is not an operator',
    detail: 'Nothing was changed or shown.',
    remedy: 'Call as one of the setting `operators`, or have yourself added to it.',
  },
  method_not_allowed: {
    disposition: 'refused',
    status: 405,
    title: 'The method is not allowed here',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  upload_missing: {
    disposition: 'refused',
    status: 409,
    title: 'Nothing was uploaded yet',
    remedy: 'PUT the requests to the URL that the batch was given, then start it.',
  },
  upload_size_differs: {
    disposition: 'refused',
    status: 409,
    title: 'The upload has another size than was announced',
    remedy: 'PUT a body of just `size_bytes` bytes, then start the batch.',
  },
  not_reopenable: {
    disposition: 'refused',
    status: 409,
    title: 'The request cannot be sent again',
    remedy: 'See `detail`; a request whose text is no longer kept has to be submitted anew.',
  },
  result_gone: {
    disposition: 'refused',
    status: 410,
    title: 'The result is no longer kept',
    remedy: 'Send the request again if the answer is still wanted.',
  },
  too_many_waiting: {
    disposition: 'refused',
    status: 429,
    title: 'The tenant has too many requests waiting',
    remedy: 'Send it again after `Retry-After`, or have the tenant’s `max_waiting` raised.',
  },
  backlog_too_long: {
    disposition: 'refused',
    status: 429,
    title: 'The pool has more waiting than low work may wait for',
    remedy: 'Send it again after `retry_after_seconds`, or with a higher priority.',
  },
  temporarily_unavailable: {
    disposition: 'refused',
    status: 503,
    title: 'The pipeline could not make the request durable',
    remedy: 'Send it again after `Retry-After`; an idempotency key makes that safe.',
  },
  not_answered_yet: {
    disposition: 'refused',
    status: 504,
    title: 'The answer did not come while the call was kept open',
    remedy: 'Read it at `/v1/requests/{id}`, or send the same call with the same idempotency key again.',
  },
  store_not_well: {
    disposition: 'refused',
    status: 503,
    title: 'A store does not answer, or not in time',
    remedy: 'Wait, or look at the store that `detail` names; only `/health?deep=1` is answered with this.',
  },
  internal_error: {
    disposition: 'refused',
    status: 500,
    title: 'Something went wrong inside the pipeline',
    remedy: 'Send it again; if it persists, report it with the `instance`.',
  },

  required: {
    disposition: 'fault',
    status: 422,
    title: 'A needed field is missing',
    remedy: 'Add the field.',
  },
  invalid_type: {
    disposition: 'fault',
    status: 422,
    title: 'A value has the wrong type',
    remedy: 'Use the type that the message names.',
  },
  invalid_value: {
    disposition: 'fault',
    status: 422,
    title: 'A value is not allowed',
    remedy: 'Use one of the values, or the form, that the message names.',
  },
  out_of_range: {
    disposition: 'fault',
    status: 422,
    title: 'A value is too large or too small',
    remedy: 'Stay within the range that the message names.',
  },
  unknown_field: {
    disposition: 'fault',
    status: 422,
    title: 'A field is not known',
    remedy: 'Remove it, or use the nearest known name.',
  },
  conflicting_fields: {
    disposition: 'fault',
    status: 422,
    title: 'Fields exclude each other',
    remedy: 'Keep one of those that the message names.',
  },
  unknown_model: {
    disposition: 'fault',
    status: 422,
    title: 'The model is not configured',
    remedy: 'Use one of the configured pools or model ids.',
  },
  max_tokens_too_large: {
    disposition: 'fault',
    status: 422,
    title: '`max_tokens` is above what the pool allows',
    remedy: 'Lower `max_tokens`, or raise `max_max_tokens` of the pool.',
  },
  deadline_unreachable: {
    disposition: 'fault',
    status: 422,
    title: 'The deadline cannot be met',
    remedy: 'Give a later deadline.',
  },
  duplicate_custom_id: {
    disposition: 'fault',
    status: 422,
    title: 'Two requests of a batch have the same `custom_id`',
    remedy: 'Give each its own, or leave it out: every result has its `batch_index`, too.',
  },
  unreadable_line: {
    disposition: 'fault',
    status: 422,
    title: 'A line is not a JSON object',
    remedy: 'Send one JSON object a line, encoded as UTF-8, as JSON Lines (NDJSON) has it.',
  },
  tenant_mismatch: {
    disposition: 'fault',
    status: 422,
    title: 'The tenant is not the caller’s',
    remedy: 'Leave `tenant` out; over HTTP it comes from the credential.',
  },

  throttled: {
    disposition: 'retried',
    status: 429,
    title: 'Bedrock’s quota refused the call for now',
    remedy: 'Nothing: the request keeps its place and costs no attempt.',
  },
  throttled_for_today: {
    disposition: 'retried',
    status: 429,
    title: 'Bedrock’s daily quota is spent',
    remedy: 'Ask AWS for a larger daily quota if this recurs.',
  },
  service_fault: {
    disposition: 'retried',
    status: 503,
    title: 'The model service failed or did not answer',
    remedy: 'Nothing: it is tried again, up to the limit of attempts.',
  },
  model_unavailable: {
    disposition: 'failed',
    status: 503,
    title: 'The model service kept failing',
    remedy: 'See the health of Bedrock in the region, then send the request again.',
  },
  model_rejected_request: {
    disposition: 'failed',
    status: 400,
    title: 'The model refused the request as invalid',
    remedy: 'Change what the message names, then send the request again.',
  },
  context_too_long: {
    disposition: 'failed',
    status: 400,
    title: 'The input does not fit into the model’s context window',
    remedy: 'Shorten the input or lower `max_tokens`.',
  },
  model_access_denied: {
    disposition: 'failed',
    status: 403,
    title: 'Access to the model was denied',
    remedy: 'Enable access to the model in the account, and check the function’s role.',
  },
  model_not_found: {
    disposition: 'failed',
    status: 404,
    title: 'The model or profile does not exist',
    remedy: 'Check `model_id` of the pool.',
  },
  unreadable_request: {
    disposition: 'failed',
    status: 500,
    title: 'The stored request could not be read',
    remedy: 'Send the request again, and report it.',
  },
  crashed_drain: {
    disposition: 'failed',
    status: 500,
    title: 'The request ended the process that ran it, again and again',
    remedy: 'Look at what is special about it before it is sent again; the dead letter has it whole.',
  },
  budget_spent: {
    disposition: 'failed',
    status: 402,
    title: 'The tenant has spent what it may',
    remedy: 'Wait for the next day or month, name a lower `max_tokens`, or have the tenant’s limit raised.',
  },
  canceled: {
    disposition: 'failed',
    status: 409,
    title: 'The request was canceled',
    detail: 'Canceled at the caller’s wish.',
    remedy: 'Nothing; send it again if the answer is wanted after all.',
  },
  deadline_passed: {
    disposition: 'failed',
    status: 408,
    title: 'The deadline passed before the request could be answered',
    remedy: 'Give a later deadline, a higher priority, or ask for more quota.',
  },
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof ERROR_CODES;
type CodesOf<D extends Disposition> = {
  [C in ErrorCodeName]: (typeof ERROR_CODES)[C]['disposition'] extends D ? C : never;
}[ErrorCodeName];

export type RefusalCode = CodesOf<'refused'>;
export type FaultCode = CodesOf<'fault'>;
export type RetriedCode = CodesOf<'retried'>;
export type FailureCode = CodesOf<'failed'>;

export const ERROR_CODE_NAMES = Object.keys(ERROR_CODES) as readonly ErrorCodeName[];
