import type { Fault } from '../../shared/contract/problem.ts';
import type { ValidationContext } from '../../shared/core/envelope-rules.ts';
import { validateEnvelope } from '../../shared/core/validate-envelope.ts';
import { NOON_MS, settingsOf } from './samples.ts';

const POOL = { quota: { tokens_per_minute: 1000 } };
const ONE_POOL = settingsOf({});
const TWO_POOLS = settingsOf({
  models: {
    haiku: { ...POOL, model_id: 'anthropic.haiku', also_known_as: ['claude-haiku'] },
    nova: { ...POOL, model_id: 'amazon.nova', default_max_tokens: 50, max_max_tokens: 100 },
  },
});

const validate = (body: unknown, context: Partial<ValidationContext> = {}) =>
  validateEnvelope(body, { settings: ONE_POOL, nowMs: NOON_MS, ...context });

const faultsOf = (body: unknown, context: Partial<ValidationContext> = {}): readonly Fault[] => {
  const validation = validate(body, context);
  return validation.ok ? [] : validation.faults;
};

/** Pointer and code of each fault, as one text. */
const placesOf = (body: unknown, context: Partial<ValidationContext> = {}): readonly string[] =>
  faultsOf(body, context).map(({ pointer, code }) => `${pointer} ${code}`);

const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });
const TEXT = [{ text: 'x' }];

const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

describe('a request without faults', () => {
  it('gets its defaults', () => {
    const validation = validate({ prompt: 'x' });

    expect(validation).toMatchObject({
      ok: true,
      valid: {
        envelope: { prompt: 'x', priority: 'normal' },
        tenant: 'default',
        pool: { name: 'haiku' },
        maxTokens: 1024,
        expiresAtMs: NOON_MS + 432_000_000,
      },
    });
  });

  it.each([
    ['`max_tokens`', { prompt: 'x', max_tokens: 7 }, 7],
    ['`inferenceConfig`', { converse: { messages: [user(TEXT)], inferenceConfig: { maxTokens: 8 } } }, 8],
    ['the pool', { converse: { messages: [user(TEXT)] } }, 1024],
    ['the largest that the pool allows', { prompt: 'x', max_tokens: 32_000 }, 32_000],
  ])('takes its max_tokens from %s', (_, body, maxTokens) => {
    expect(validate(body)).toMatchObject({ valid: { maxTokens } });
  });

  it.each([
    ['2026-01-31T12:00:01Z', 1_769_860_801_000],
    ['2026-02-01T00:00:00Z', 1_769_904_000_000],
    ['2026-01-31T12:00:00Z', undefined],
    ['2026-01-30T12:00:00Z', undefined],
  ])('starts not before %s, while that lies ahead', (not_before, notBeforeMs) => {
    const validation = validate({ prompt: 'x', not_before });
    expect(validation.ok && validation.valid.notBeforeMs).toBe(notBeforeMs);
  });

  it.each([
    ['2026-01-31T12:00:01Z', 1_769_860_801_000],
    ['2026-01-31T13:30:00+01:00', 1_769_862_600_000],
    ['2026-02-05T12:00:00Z', 1_770_292_800_000],
  ])('expires at its deadline %s', (deadline, expiresAtMs) => {
    expect(validate({ prompt: 'x', deadline })).toMatchObject({ valid: { expiresAtMs } });
  });

  it('expires after the seconds that it names', () => {
    expect(validate({ prompt: 'x', expires_in_seconds: 90 })).toMatchObject({
      valid: { expiresAtMs: NOON_MS + 90_000 },
    });
  });

  it.each([
    ['haiku', 'haiku'],
    ['nova', 'nova'],
    ['amazon.nova', 'nova'],
    ['claude-haiku', 'haiku'],
  ])('may name its pool as %s', (model, name) => {
    expect(validate({ prompt: 'x', model }, { settings: TWO_POOLS })).toMatchObject({
      valid: { pool: { name } },
    });
  });

  it('runs in the default pool when it names none', () => {
    const settings = { ...TWO_POOLS, default_model: 'nova' };

    expect(validate({ prompt: 'x' }, { settings })).toMatchObject({
      valid: { pool: { name: 'nova' }, maxTokens: 50 },
    });
  });

  it.each([
    ['nobody proves one and none is named', {}, undefined, 'default'],
    ['the sender names one', { tenant: 'acme' }, undefined, 'acme'],
    ['the credential proves one', {}, 'acme', 'acme'],
    ['both say the same', { tenant: 'acme' }, 'acme', 'acme'],
  ])('has its tenant when %s', (_, fields, provenTenant, tenant) => {
    const context = provenTenant === undefined ? {} : { provenTenant };

    expect(validate({ prompt: 'x', ...fields }, context)).toMatchObject({ valid: { tenant } });
  });
});

describe('a bad request is answered with the place and the code of each fault', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['null', null, [' invalid_type']],
    ['a list', [], [' invalid_type']],
    ['a text', 'prompt', [' invalid_type']],
    ['nothing to ask', {}, [' required']],
    ['two ways to ask', { prompt: 'x', messages: [user('x')] }, ['/messages conflicting_fields']],
    [
      'three ways to ask',
      { prompt: 'x', messages: [user('x')], converse: { messages: [user(TEXT)] } },
      ['/messages conflicting_fields', '/converse conflicting_fields'],
    ],
    ['an empty prompt', { prompt: '' }, ['/prompt out_of_range']],
    ['a prompt of null', { prompt: null }, ['/prompt invalid_type']],
    ['no message', { messages: [] }, ['/messages out_of_range']],
    ['no message in converse', { converse: { messages: [] } }, ['/converse/messages out_of_range']],
    ['converse without messages', { converse: {} }, ['/converse/messages required']],
    ['converse of another type', { converse: 'x' }, ['/converse invalid_type']],
    [
      'a role that is none',
      { messages: [{ role: 'system', content: 'x' }] },
      ['/messages/0/role invalid_value'],
    ],
    ['no role', { messages: [{ content: 'x' }] }, ['/messages/0/role required']],
    ['no content', { messages: [{ role: 'user' }] }, ['/messages/0/content required']],
    ['empty content', { messages: [user('')] }, ['/messages/0/content out_of_range']],
    ['content without blocks', { messages: [user([])] }, ['/messages/0/content out_of_range']],
    ['content of another type', { messages: [user(5)] }, ['/messages/0/content invalid_type']],
    ['an unknown block', { messages: [user([{ txt: 'x' }])] }, ['/messages/0/content/0 invalid_value']],
    ['a block that is none', { messages: [user([5])] }, ['/messages/0/content/0 invalid_type']],
    [
      'one bad block of many',
      { converse: { messages: [user([...TEXT, ...TEXT, { text: 5 }])] } },
      ['/converse/messages/0/content/2 invalid_value'],
    ],
    [
      'two kinds in one block',
      { converse: { messages: [user([{ text: 'x', image: {} }])] } },
      ['/converse/messages/0/content/0 invalid_value'],
    ],
    [
      'a bad system block',
      { converse: { messages: [user(TEXT)], system: [{ image: {} }] } },
      ['/converse/system/0 invalid_value'],
    ],
    ['an assistant who begins', { messages: [assistant('x')] }, ['/messages/0/role invalid_value']],
    [
      'the same role twice',
      { converse: { messages: [user(TEXT), assistant(TEXT), assistant(TEXT)] } },
      ['/converse/messages/2/role invalid_value'],
    ],
    [
      'short form beside converse',
      { converse: { messages: [user(TEXT)] }, system: 'x', temperature: 0.5, max_tokens: 5 },
      ['/system conflicting_fields', '/temperature conflicting_fields', '/max_tokens conflicting_fields'],
    ],
    ['an unknown model', { prompt: 'x', model: 'gpt' }, ['/model unknown_model']],
    ['a model of another type', { prompt: 'x', model: 5 }, ['/model invalid_type']],
    ['too many tokens', { prompt: 'x', max_tokens: 32_001 }, ['/max_tokens max_tokens_too_large']],
    [
      'too many tokens in converse',
      { converse: { messages: [user(TEXT)], inferenceConfig: { maxTokens: 32_001 } } },
      ['/converse/inferenceConfig/maxTokens max_tokens_too_large'],
    ],
    ['half a token', { prompt: 'x', max_tokens: 0.5 }, ['/max_tokens invalid_type']],
    ['no token', { prompt: 'x', max_tokens: 0 }, ['/max_tokens out_of_range']],
    [
      'a deadline in the past',
      { prompt: 'x', deadline: '2026-01-31T11:59:59Z' },
      ['/deadline deadline_unreachable'],
    ],
    [
      'a deadline of this moment',
      { prompt: 'x', deadline: '2026-01-31T12:00:00Z' },
      ['/deadline deadline_unreachable'],
    ],
    ['a deadline too far', { prompt: 'x', deadline: '2026-02-05T12:00:01Z' }, ['/deadline out_of_range']],
    [
      'a deadline without an offset',
      { prompt: 'x', deadline: '2026-01-31T13:00:00' },
      ['/deadline invalid_value'],
    ],
    [
      'a deadline that is no date',
      { prompt: 'x', deadline: '2026-02-30T13:00:00Z' },
      ['/deadline invalid_value'],
    ],
    ['a start too far', { prompt: 'x', not_before: '2026-02-01T00:00:01Z' }, ['/not_before out_of_range']],
    [
      'a start at its deadline',
      { prompt: 'x', not_before: '2026-01-31T13:00:00Z', deadline: '2026-01-31T14:00:00+01:00' },
      ['/not_before out_of_range'],
    ],
    [
      'a start after it expires',
      { prompt: 'x', not_before: '2026-01-31T12:10:01Z', expires_in_seconds: 600 },
      ['/not_before out_of_range'],
    ],
    [
      'a start that is no time',
      { prompt: 'x', not_before: '12:00', deadline: '2026-01-31T11:00:00Z' },
      ['/not_before invalid_value', '/deadline deadline_unreachable'],
    ],
    [
      'a start ahead of a deadline in the past',
      { prompt: 'x', not_before: '2026-01-31T13:00:00Z', deadline: '2026-01-31T11:00:00Z' },
      ['/deadline deadline_unreachable'],
    ],
    [
      'two deadlines',
      { prompt: 'x', deadline: '2026-01-31T11:00:00Z', expires_in_seconds: 5 },
      ['/expires_in_seconds conflicting_fields'],
    ],
    ['an unknown priority', { prompt: 'x', priority: 'urgent' }, ['/priority invalid_value']],
    ['a priority of null', { prompt: 'x', priority: null }, ['/priority invalid_value']],
    ['a bad custom id', { prompt: 'x', custom_id: 'a b' }, ['/custom_id invalid_value']],
    ['an empty key', { prompt: 'x', idempotency_key: '' }, ['/idempotency_key out_of_range']],
    ['a bad tenant', { prompt: 'x', tenant: 'a/b' }, ['/tenant invalid_value']],
    ['metadata that is no text', { prompt: 'x', metadata: { a: 1 } }, ['/metadata/a invalid_type']],
    [
      'a name in metadata with a slash',
      { prompt: 'x', metadata: { 'a/b': 1 } },
      ['/metadata/a~1b invalid_type'],
    ],
    ['an empty name in metadata', { prompt: 'x', metadata: { '': 'x' } }, ['/metadata/ out_of_range']],
    ['an unknown field', { prompt: 'x', foo: 1 }, ['/foo unknown_field']],
    [
      'what every object has',
      JSON.parse('{"prompt":"x","__proto__":{},"toString":1}'),
      ['/__proto__ unknown_field', '/toString unknown_field'],
    ],
    [
      'nesting too deep to walk',
      { converse: { messages: [user(TEXT)], toolConfig: nested(10_000) } },
      ['/converse out_of_range'],
    ],
  ])('%s', (_, body, places) => {
    expect(placesOf(body)).toEqual(places);
  });

  it('of schema and of meaning together', () => {
    expect(
      placesOf(
        {
          custom_id: 'a b',
          model: 'hiku',
          messages: [assistant('x')],
          temperature: 2,
          max_token: 5,
          max_tokens: 40_000,
          deadline: '2020-01-01T00:00:00Z',
          tenant: 'other',
        },
        { provenTenant: 'acme' },
      ),
    ).toEqual([
      '/custom_id invalid_value',
      '/temperature out_of_range',
      '/max_token unknown_field',
      '/messages/0/role invalid_value',
      '/model unknown_model',
      '/deadline deadline_unreachable',
      '/tenant tenant_mismatch',
    ]);
  });

  it('or the one that stands for them all, when there are too many values to look at', () => {
    const messages = Array.from({ length: 50_000 }, () => ({}));

    expect(placesOf({ messages })).toEqual([' out_of_range']);
    expect(placesOf({ messages: messages.slice(0, 49_998) })).not.toEqual([' out_of_range']);
  });

  it('while nesting is allowed as deep as the limit says', () => {
    const withDepth = (levels: number) => ({
      converse: { messages: [user(TEXT)], toolConfig: nested(levels) },
    });

    expect(placesOf(withDepth(99))).toEqual([]);
    expect(placesOf(withDepth(100))).toEqual(['/converse out_of_range']);
  });
});

describe('a fault is named once', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a faulty prompt is not a missing one', { prompt: 5 }, ['/prompt invalid_type']],
    ['a faulty model is not a missing one', { prompt: 'x', model: '' }, ['/model out_of_range']],
    [
      'a faulty deadline is not judged by its time',
      { prompt: 'x', deadline: 'soon' },
      ['/deadline invalid_value'],
    ],
    [
      'faulty messages are not judged by their roles',
      { messages: [{ role: 'assistant' }] },
      ['/messages/0/content required'],
    ],
    [
      'faulty converse is no second thing beside the short form',
      { converse: {}, max_tokens: 5 },
      ['/converse/messages required'],
    ],
  ])('%s', (_, body, places) => {
    expect(placesOf(body)).toEqual(places);
  });

  it('the model is missing only where several could be meant', () => {
    expect(placesOf({ prompt: 'x' }, { settings: TWO_POOLS })).toEqual(['/model required']);
    expect(placesOf({ prompt: 'x', model: '' }, { settings: TWO_POOLS })).toEqual(['/model out_of_range']);
    expect(placesOf({ prompt: 'x' })).toEqual([]);
  });
});

describe('what a fault says', () => {
  it.each<[string, unknown, string]>([
    ['nothing to ask', {}, 'one of prompt, messages, converse, invoke_model is needed'],
    ['a wrong type', { prompt: 5 }, 'must be a string, not a number'],
    ['a fraction', { prompt: 'x', max_tokens: 7.5 }, 'must be a whole number, not 7.5'],
    ['null', { prompt: 'x', metadata: null }, 'must be an object, not null'],
    ['a missing list', { converse: {} }, 'is needed: an array'],
    [
      'missing content',
      { messages: [{ role: 'user' }] },
      'is needed: text that is not empty, or an array of Converse content blocks',
    ],
    ['a range', { prompt: 'x', temperature: 2 }, 'must be at most 1'],
    ['a length', { prompt: 'x', tenant: 't'.repeat(65) }, 'must be at most 64 characters'],
    ['emptiness', { prompt: 'x', stop_sequences: [''] }, 'must not be empty'],
    ['a choice', { prompt: 'x', priority: 'urgent' }, 'must be one of high, normal, low'],
    [
      'a name too long',
      { prompt: 'x', metadata: { ['k'.repeat(65)]: '' } },
      'the name must be at most 64 characters',
    ],
    ['max_tokens', { prompt: 'x', max_tokens: 40_000 }, '40000 is above the 32000 that `haiku` allows'],
    [
      'the past',
      { prompt: 'x', deadline: '2026-01-31T11:00:00Z' },
      '2026-01-31T11:00:00Z has passed; it is 2026-01-31T12:00:00.000Z',
    ],
    [
      'two ways to ask',
      { prompt: 'x', messages: [user('x')] },
      '`messages` and `prompt` exclude each other; keep one',
    ],
    ['roles', { messages: [user('x'), user('y')] }, 'roles must alternate; `user` comes twice in a row'],
    ['a model', { prompt: 'x', model: 'haiku-4' }, '`haiku-4` is not configured; configured: haiku'],
    [
      'a model nearly known',
      { prompt: 'x', model: 'haiuk' },
      '`haiuk` is not configured; configured: haiku; did you mean `haiku`?',
    ],
  ])('of %s', (_, body, detail) => {
    expect(faultsOf(body).map((fault) => fault.detail)).toEqual([detail]);
  });

  it('of another tenant is that it is not the caller’s', () => {
    expect(faultsOf({ prompt: 'x', tenant: 'other' }, { provenTenant: 'acme' })).toEqual([
      { pointer: '/tenant', code: 'tenant_mismatch', detail: '`other` is not your tenant; leave it out' },
    ]);
  });

  it.each<[unknown, string, string]>([
    [{ prompt: 'x', max_token: 5 }, '/max_token', 'max_tokens'],
    [{ prompt: 'x', maxTokens: 5 }, '/maxTokens', 'max_tokens'],
    [{ messages: [{ ...user('x'), contnt: 1 }] }, '/messages/0/contnt', 'content'],
    [
      { converse: { messages: [user(TEXT)], inferenceConfg: {} } },
      '/converse/inferenceConfg',
      'inferenceConfig',
    ],
    [
      { converse: { messages: [user(TEXT)], inferenceConfig: { max_tokens: 5 } } },
      '/converse/inferenceConfig/max_tokens',
      'maxTokens',
    ],
    [{ converse: { messages: [{ ...user(TEXT), rol: 1 }] } }, '/converse/messages/0/rol', 'role'],
  ])('of an unknown name is the nearest at its depth: %j', (body, pointer, nearest) => {
    expect(faultsOf(body)).toEqual([
      {
        pointer,
        code: 'unknown_field',
        detail: `\`${pointer.split('/').at(-1)}\` is not known here; did you mean \`${nearest}\`?`,
      },
    ]);
  });

  it('of an unknown block is what blocks there are, and what it holds', () => {
    expect(faultsOf({ messages: [user([{ txt: 'x' }])] })[0]?.detail).toMatch(
      /^must hold exactly one of text, image, .*; it holds txt$/,
    );
  });
});
