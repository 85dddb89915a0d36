import type { HeldRequest } from '../../../shared/contract/messages.ts';
import { needsOf } from '../../../shared/core/targets/needs-of.ts';
import { findTarget, targetsOf } from '../../../shared/core/targets/targets-of.ts';
import { settingsOf } from '../samples.ts';

const quota = { tokens_per_minute: 1000 };
const HAIKU = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
const GLOBAL_HAIKU = 'global.anthropic.claude-haiku-4-5-20251001-v1:0';
const NOVA = 'us.amazon.nova-lite-v1:0';

const poolWith = (...targets: readonly Readonly<Record<string, unknown>>[]) => {
  const prices = { input: 1, output: 5 };
  const { models } = settingsOf({
    models: { a: { model_id: HAIKU, quota, prices, ...(targets.length === 0 ? {} : { targets }) } },
  });
  if (models.a === undefined) throw new Error('There is no pool.');
  return models.a;
};

describe('the targets of a pool', () => {
  it('are the pool itself where it names no other', () => {
    expect(targetsOf(poolWith())).toEqual([
      {
        name: HAIKU,
        modelId: HAIKU,
        quota,
        burndown: 5,
        maxMaxTokens: 32_000,
        tokensPerSecond: 60,
        prices: { input: 1, output: 5 },
        lacks: [],
        isOwn: true,
      },
    ]);
  });

  it('are called by their model and region, by the end of an ARN, or as the settings say', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123';
    const pool = poolWith(
      { model_id: GLOBAL_HAIKU, quota },
      { model_id: HAIKU, region: 'us-west-2', quota },
      { model_id: arn, quota },
      { model_id: NOVA, name: 'cheap', quota },
    );
    expect(targetsOf(pool).map(({ name }) => name)).toEqual([
      HAIKU,
      GLOBAL_HAIKU,
      `${HAIKU}@us-west-2`,
      'abc123',
      'cheap',
    ]);
  });

  it('cost and can do the same where the model is the same, and nothing is taken for granted of another', () => {
    const pool = poolWith({ model_id: GLOBAL_HAIKU, quota }, { model_id: NOVA, quota });
    expect(targetsOf(pool).map(({ prices, lacks }) => [prices, lacks])).toEqual([
      [{ input: 1, output: 5 }, []],
      [{ input: 1, output: 5 }, []],
      [undefined, ['invoke_model']],
    ]);
  });

  it('have figures of their own where the settings give them', () => {
    const own = {
      burndown: 1,
      max_max_tokens: 4096,
      tokens_per_second: 100,
      prices: { input: 2, output: 3 },
      lacks: ['images', 'tools'],
      endpoint: 'http://127.0.0.1:9',
    };
    expect(targetsOf(poolWith({ model_id: NOVA, region: 'eu-west-1', quota, ...own }))[1]).toEqual({
      name: `${NOVA}@eu-west-1`,
      modelId: NOVA,
      region: 'eu-west-1',
      endpoint: 'http://127.0.0.1:9',
      quota,
      burndown: 1,
      maxMaxTokens: 4096,
      tokensPerSecond: 100,
      prices: { input: 2, output: 3 },
      lacks: ['images', 'tools'],
      isOwn: false,
    });
  });

  it('are found by name, and one that is no more is taken for the pool’s own', () => {
    const pool = poolWith({ model_id: NOVA, name: 'cheap', quota });
    expect(['cheap', 'gone', undefined].map((name) => findTarget(pool, name).modelId)).toEqual([
      NOVA,
      HAIKU,
      HAIKU,
    ]);
  });
});

describe('what a request needs', () => {
  type Body = Pick<HeldRequest, 'converse' | 'invoke_model'>;
  const asking = (block: Readonly<Record<string, unknown>>, fields = {}): Body => ({
    converse: { messages: [{ role: 'user', content: [block] }], ...fields },
  });

  it.each<[string, Body, readonly string[]]>([
    ['a plain question', asking({ text: 'hello' }), []],
    ['a picture', asking({ image: {} }), ['images']],
    ['a document', asking({ document: {} }), ['documents']],
    ['the result of a tool', asking({ toolResult: {} }), ['tools']],
    ['tools', asking({ text: 'hello' }, { toolConfig: { tools: [] } }), ['tools']],
    [
      'a schema and fields of its model',
      asking({ text: 'hello' }, { outputConfig: {}, additionalModelRequestFields: { top_k: 1 } }),
      ['structured_output', 'additional_fields'],
    ],
    ['a cached system prompt', asking({ text: 'hello' }, { system: [{ cachePoint: {} }] }), ['cache_points']],
    ['a body of its model’s family', { invoke_model: { messages: [] } }, ['invoke_model']],
    ['a text that is gone', {}, []],
  ])('is seen in %s', (_, body, needs) => {
    expect(needsOf(body)).toEqual(needs);
  });
});
