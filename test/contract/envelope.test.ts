import { converseSchema } from '../../shared/contract/converse.ts';
import { ENVELOPE_FIELDS, envelopeSchema } from '../../shared/contract/envelope.ts';

const accepts = (body: unknown): boolean => envelopeSchema.safeParse(body).success;

describe('the envelope', () => {
  it('knows these fields', () => {
    expect(ENVELOPE_FIELDS).toEqual([
      'custom_id',
      'idempotency_key',
      'model',
      'priority',
      'tenant',
      'prompt',
      'messages',
      'system',
      'temperature',
      'top_p',
      'max_tokens',
      'stop_sequences',
      'converse',
      'invoke_model',
      'not_before',
      'deadline',
      'expires_in_seconds',
      'cache_seconds',
      'service_tier',
      'callback_url',
      'metadata',
    ]);
  });

  it('fills in the priority and nothing else', () => {
    expect(envelopeSchema.parse({ prompt: 'x' })).toEqual({ prompt: 'x', priority: 'normal' });
  });

  it.each([
    ['custom_id', 'a'.repeat(64), 'a'.repeat(65)],
    ['custom_id', 'A-z_0', 'ä'],
    ['idempotency_key', 'ключ'.repeat(63), 'x'.repeat(256)],
    ['tenant', 'a.b-c_9', '.a'],
    ['tenant', 't'.repeat(64), 't'.repeat(65)],
    ['temperature', 0, -0.01],
    ['temperature', 1, 1.01],
    ['top_p', 1, 2],
    ['max_tokens', 1, 0],
    ['max_tokens', 100, 1.5],
    ['expires_in_seconds', 432_000, 432_001],
    ['expires_in_seconds', 1, 0],
    ['stop_sequences', Array<string>(2500).fill('x'), Array<string>(2501).fill('x')],
    ['not_before', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00'],
    ['deadline', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00'],
    ['deadline', '2026-01-31T12:00:00.123+05:30', '2026-01-31'],
    ['deadline', '2028-02-29T00:00:00Z', '2026-02-29T00:00:00Z'],
    ['metadata', { k: 'v'.repeat(512) }, { k: 'v'.repeat(513) }],
    ['metadata', { ['k'.repeat(64)]: '' }, { ['k'.repeat(65)]: '' }],
    ['metadata', {}, { k: 1 }],
    ['service_tier', 'flex', 'fast'],
    ['priority', 'low', 'LOW'],
  ])('takes %s up to its edge (%.20j), not beyond (%.20j)', (field, inside, outside) => {
    expect(accepts({ prompt: 'x', [field]: inside })).toBe(true);
    expect(accepts({ prompt: 'x', [field]: outside })).toBe(false);
  });

  it('takes sixteen entries of metadata, not seventeen', () => {
    const entries = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

    expect(accepts({ metadata: entries(16) })).toBe(true);
    expect(accepts({ metadata: entries(17) })).toBe(false);
  });
});

describe('a Converse request', () => {
  const withBlock = (block: unknown) => ({ messages: [{ role: 'user', content: [block] }] });

  it.each([
    { text: 'hello' },
    { image: { format: 'png', source: { bytes: 'aGk=' } } },
    { toolResult: { toolUseId: 't', content: [] } },
    { cachePoint: { type: 'default' } },
  ])('holds blocks such as %j', (block) => {
    expect(converseSchema.safeParse(withBlock(block)).success).toBe(true);
  });

  it.each([{}, { txt: 'x' }, { text: 'x', image: {} }, { text: '' }, { text: 5 }, 'text', null, []])(
    'holds no block such as %j',
    (block) => {
      expect(converseSchema.safeParse(withBlock(block)).success).toBe(false);
    },
  );

  it('keeps what it passes on as it is', () => {
    const request = {
      ...withBlock({ text: 'x' }),
      toolConfig: { tools: [{ toolSpec: { name: 't', inputSchema: { json: { type: 'object' } } } }] },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } },
    };

    expect(converseSchema.parse(request)).toEqual(request);
  });

  it('names no model: the pool does', () => {
    expect(converseSchema.safeParse({ ...withBlock({ text: 'x' }), modelId: 'm' }).success).toBe(false);
  });
});
