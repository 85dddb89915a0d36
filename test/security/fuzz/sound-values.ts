/** What the doors take as it is, and what is changed for the worse. */

const IMAGE = { format: 'png', source: { bytes: 'iVBORw0KGgo=' } };

export const SOUND_ENVELOPES: readonly unknown[] = [
  { prompt: 'hello' },
  {
    prompt: 'hello',
    system: 'be kind',
    model: 'haiku',
    max_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    stop_sequences: ['END'],
    custom_id: 'order-17',
    priority: 'low',
    idempotency_key: 'key-1',
    metadata: { order: '17' },
    expires_in_seconds: 600,
    not_before: '2026-01-31T12:10:00Z',
  },
  {
    messages: [
      { role: 'user', content: 'hello' },
      { role: 'assistant', content: [{ text: 'hi' }] },
      { role: 'user', content: [{ text: 'what is it?' }, { image: IMAGE }] },
    ],
    deadline: '2026-01-31T13:00:00Z',
  },
  {
    converse: {
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
      system: [{ text: 'be kind' }],
      inferenceConfig: { maxTokens: 50, temperature: 1 },
      toolConfig: { tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }] },
      additionalModelRequestFields: { top_k: 5 },
    },
  },
  {
    model: 'haiku',
    invoke_model: {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'hello' }],
    },
  },
];

export const SOUND_BATCHES: readonly unknown[] = [
  { requests: SOUND_ENVELOPES.slice(0, 3) },
  { custom_id: 'nightly', priority: 'low', requests: [{ custom_id: 'a', prompt: 'x' }] },
  { upload: true, expires_in_seconds: 600 },
  { upload: { size_bytes: 1000 } },
];

export const SOUND_ORDERS: readonly unknown[] = [
  { pool: 'haiku', paused: true, reason: 'a test' },
  { pool: 'haiku', tokens_per_minute: 1000, reason: 'a test' },
  { tenant: 'default', weight: 2, reason: 'a test' },
  { select: { reason: 'crashed_drain', model: 'haiku' }, set: { max_tokens: 10 }, rate_per_second: 10 },
  { request_ids: ['req_00000000000000000000000000'], reason: 'a test' },
  {},
];

export const SOUND_SETTINGS: readonly unknown[] = [
  {},
  {
    aws_region: 'eu-west-1',
    notification_email: 'ops@example.com',
    minutes_to_process: 2,
    max_concurrent_executions: 10,
    cors_origins: ['https://app.example.com'],
    operators: ['*'],
    api_authorization: 'api_key',
    tenants: { default: { max_waiting: 10, weight: 2 }, acme: { sender_ids: ['AIDAX'] } },
    models: {
      haiku: {
        model_id: 'model-haiku',
        quota: { tokens_per_minute: 1000, requests_per_minute: 10 },
        prices: { input: 1, output: 5 },
        targets: [{ name: 'west', region: 'us-west-2', quota: { tokens_per_minute: 5 } }],
      },
    },
    default_model: 'haiku',
  },
];
