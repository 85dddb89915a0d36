/**
 * Every limit that a caller can meet, once. Checks and messages read this table;
 * `docs/reference/limits.md` is compared with it by a test.
 */
export const LIMITS = {
  custom_id_characters: { value: 64, unit: 'characters', meaning: 'longest `custom_id`' },
  idempotency_key_characters: { value: 255, unit: 'characters', meaning: 'longest `idempotency_key`' },
  correlation_id_characters: {
    value: 128,
    unit: 'characters',
    meaning: 'longest correlation id; a longer one is not taken over',
  },
  tenant_characters: { value: 64, unit: 'characters', meaning: 'longest `tenant`' },
  metadata_entries: { value: 16, unit: 'entries', meaning: 'most entries in `metadata`' },
  metadata_key_characters: { value: 64, unit: 'characters', meaning: 'longest key in `metadata`' },
  metadata_value_characters: { value: 512, unit: 'characters', meaning: 'longest value in `metadata`' },
  nesting_levels: {
    value: 100,
    unit: 'levels',
    meaning: 'deepest nesting of objects and arrays in one field of a request',
  },
  request_values: {
    value: 50_000,
    unit: 'values',
    meaning: 'most values (objects, arrays, texts, numbers) in one request',
  },
  cache_seconds: { value: 7 * 24 * 3600, unit: 'seconds', meaning: 'oldest answer that may be given again' },
  list_entries: { value: 100, unit: 'entries', meaning: 'largest page of a list of requests' },
  stop_sequences: { value: 2500, unit: 'entries', meaning: 'most stop sequences (Bedrock’s own limit)' },
  http_body_bytes: { value: 4 * 1024 * 1024, unit: 'bytes', meaning: 'largest HTTP body' },
  queue_message_bytes: {
    value: 1024 * 1024,
    unit: 'bytes',
    meaning: 'largest SQS message, and largest batch of ten (SQS’s own limit)',
  },
  inline_request_bytes: {
    value: 200 * 1024,
    unit: 'bytes',
    meaning: 'largest request, as encoded, that travels inside a queue message; larger ones are parked in S3',
  },
  inline_result_bytes: {
    value: 200 * 1024,
    unit: 'bytes',
    meaning: 'largest result sent whole to the results queue; of larger ones the answer is read from the API',
  },
  max_age_seconds: {
    value: 5 * 24 * 3600,
    unit: 'seconds',
    meaning: 'longest a request may wait when it names no deadline, and the farthest deadline',
  },
  not_before_seconds: { value: 12 * 3600, unit: 'seconds', meaning: 'farthest `not_before`' },
  express_requests: {
    value: 20,
    unit: 'requests',
    meaning:
      'a tenant’s waiting requests of a pool that travel in the express lanes; further ones wait in bulk',
  },
  result_retention_days: { value: 30, unit: 'days', meaning: 'how long results are kept' },
  service_fault_attempts: {
    value: 8,
    unit: 'attempts',
    meaning:
      'attempts that end in a fault of the model service before a request fails; throttles never count',
  },
  call_seconds: {
    value: 13 * 60,
    unit: 'seconds',
    meaning: 'longest an answer may take at the pool’s `tokens_per_second`; a larger `max_tokens` is refused',
  },
  batch_requests: { value: 100_000, unit: 'requests', meaning: 'most requests in one batch' },
  batch_upload_bytes: {
    value: 256 * 1024 * 1024,
    unit: 'bytes',
    meaning: 'largest upload of a batch; inline it is as large as an HTTP body',
  },
  batch_line_bytes: { value: 4 * 1024 * 1024, unit: 'bytes', meaning: 'largest line of an uploaded batch' },
  upload_url_seconds: { value: 3600, unit: 'seconds', meaning: 'how long the URL of an upload may be used' },
  upload_start_seconds: {
    value: 24 * 3600,
    unit: 'seconds',
    meaning: 'how long after its creation an uploaded batch may be started',
  },
  batch_results_page: {
    value: 10_000,
    unit: 'requests',
    meaning: 'most requests looked at for one page of a batch’s results; it ends earlier where its bytes do',
  },
  redrive_entries: {
    value: 100,
    unit: 'entries',
    meaning: 'most dead letters that one call of a redrive looks at',
  },
  redrives_per_second: {
    value: 100,
    unit: 'requests',
    meaning: 'most dead letters that one redrive may reopen in a second',
  },
  callback_url_characters: { value: 512, unit: 'characters', meaning: 'longest `callback_url`' },
  webhook_attempts: {
    value: 12,
    unit: 'attempts',
    meaning: 'how often a webhook is tried, over a little more than a day, before its delivery fails',
  },
  webhook_timeout_seconds: {
    value: 15,
    unit: 'seconds',
    meaning: 'how long a receiver of webhooks may take to answer',
  },
  delivery_retention_days: { value: 30, unit: 'days', meaning: 'how long deliveries of webhooks are listed' },
  pool_name_characters: { value: 32, unit: 'characters', meaning: 'longest name of a pool in `models`' },
} as const satisfies Record<string, { value: number; unit: string; meaning: string }>;

export type LimitName = keyof typeof LIMITS;

export const limit = (name: LimitName): number => LIMITS[name].value;
