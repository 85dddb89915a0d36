import { holdRequest } from '../../shared/core/hold-request.ts';
import { invokeMaxTokens } from '../../shared/core/invoke-max-tokens.ts';
import { validateEnvelope } from '../../shared/core/validate-envelope.ts';
import { NOON_MS, REQUEST_ID, settingsOf } from './samples.ts';

const settings = settingsOf({
  models: {
    haiku: {
      model_id: 'm',
      quota: { tokens_per_minute: 1000 },
      default_max_tokens: 77,
      max_max_tokens: 5000,
    },
  },
});
const validate = (body: unknown) => validateEnvelope(body, { settings, nowMs: NOON_MS });

const faultsOf = (body: unknown): readonly string[] => {
  const validation = validate(body);
  return validation.ok ? [] : validation.faults.map(({ pointer, code }) => `${pointer} ${code}`);
};

const maxTokensOf = (body: unknown): number | undefined => {
  const validation = validate(body);
  return validation.ok ? validation.valid.maxTokens : undefined;
};

describe('a body of InvokeModel', () => {
  it.each<[string, Record<string, unknown>, string | undefined, number | undefined]>([
    ['Anthropic', { max_tokens: 5 }, 'max_tokens', 5],
    ['OpenAI', { max_completion_tokens: 5 }, 'max_completion_tokens', 5],
    ['old Anthropic', { max_tokens_to_sample: 5 }, 'max_tokens_to_sample', 5],
    ['Llama', { max_gen_len: 5 }, 'max_gen_len', 5],
    ['Nova', { inferenceConfig: { maxTokens: 5 } }, 'inferenceConfig/maxTokens', 5],
    ['early Nova', { inferenceConfig: { max_new_tokens: 5 } }, 'inferenceConfig/max_new_tokens', 5],
    ['Titan', { textGenerationConfig: { maxTokenCount: 5 } }, 'textGenerationConfig/maxTokenCount', 5],
    ['one that names none', { prompt: 'x' }, undefined, undefined],
    ['one that names nonsense', { max_tokens: '5' }, undefined, undefined],
  ])('of %s says how long its answer may be', (_, body, path, value) => {
    const found = invokeMaxTokens(body);
    expect([found?.path.join('/'), found?.value]).toEqual([path, value]);
  });

  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['alone with its model', { model: 'haiku', invoke_model: { max_tokens: 5 } }, []],
    ['without a model, though one pool is configured', { invoke_model: { a: 1 } }, ['/model required']],
    ['that is empty', { model: 'haiku', invoke_model: {} }, ['/invoke_model invalid_value']],
    ['that is no object', { model: 'haiku', invoke_model: 'x' }, ['/invoke_model invalid_type']],
    [
      'beside a prompt',
      { model: 'haiku', prompt: 'x', invoke_model: { a: 1 } },
      ['/invoke_model conflicting_fields'],
    ],
    [
      'beside fields of the short form',
      { model: 'haiku', invoke_model: { a: 1 }, system: 's', top_p: 1 },
      ['/system conflicting_fields', '/top_p conflicting_fields'],
    ],
    [
      'that has its own max_tokens, beside another',
      { model: 'haiku', invoke_model: { max_gen_len: 5 }, max_tokens: 6 },
      ['/max_tokens conflicting_fields'],
    ],
    [
      'that asks for too much',
      { model: 'haiku', invoke_model: { inferenceConfig: { maxTokens: 5001 } } },
      ['/invoke_model/inferenceConfig/maxTokens max_tokens_too_large'],
    ],
  ])('%s', (_, body, faults) => {
    expect(faultsOf(body)).toEqual(faults);
  });

  it('reserves what it asks for, else what stands beside it, else what its pool says', () => {
    expect(maxTokensOf({ model: 'haiku', invoke_model: { max_gen_len: 5 } })).toBe(5);
    expect(maxTokensOf({ model: 'haiku', invoke_model: { a: 1 }, max_tokens: 6 })).toBe(6);
    expect(maxTokensOf({ model: 'haiku', invoke_model: { a: 1 } })).toBe(77);
  });

  it('waits as it came, with an estimate of its input', () => {
    const body = { max_tokens: 5, messages: [{ role: 'user', content: 'x'.repeat(400) }] };
    const validation = validate({ model: 'haiku', invoke_model: body });
    if (!validation.ok) throw new Error('It was refused.');
    const { held } = holdRequest(
      { requestId: REQUEST_ID, fingerprint: 'f', acceptedAtMs: NOON_MS },
      validation.valid,
    );
    expect(held.invoke_model).toEqual(body);
    expect(held).not.toHaveProperty('converse');
    expect(held.input_tokens_estimate).toBeGreaterThan(90);
    expect(held.input_tokens_estimate).toBeLessThan(250);
  });
});
