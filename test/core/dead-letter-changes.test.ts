import { changeDead } from '../../shared/core/dead-letter-changes.ts';
import { heldWith, itemWith, NOON_MS, settingsOf } from './samples.ts';

const SETTINGS = settingsOf({
  models: {
    haiku: {
      model_id: 'model-haiku',
      quota: { tokens_per_minute: 1000 },
      default_max_tokens: 100,
      max_max_tokens: 200,
    },
    lite: { model_id: 'model-lite', quota: { tokens_per_minute: 1000 } },
  },
});

const LATER_MS = NOON_MS + 3_600_000;

const change = (set: Readonly<Record<string, unknown>>, held = heldWith()) =>
  changeDead({ held, item: itemWith({ status: 'failed' }), set }, { settings: SETTINGS, nowMs: LATER_MS });

const faultsOf = (changed: ReturnType<typeof change>) => (changed.ok ? [] : changed.faults);

const { converse: _, ...bare } = heldWith();

describe('a dead request that is sent again', () => {
  it('is what it was, with as long to live as it had', () => {
    expect(change({})).toEqual({
      ok: true,
      held: { ...heldWith(), expires_at_ms: LATER_MS + 60_000, input_tokens_estimate: expect.any(Number) },
    });
  });

  it('has other parameters where that is asked for', () => {
    const set = { max_tokens: 50, temperature: 0.1, priority: 'low', model: 'lite', expires_in_seconds: 5 };
    expect(change(set)).toMatchObject({
      ok: true,
      held: {
        pool: 'lite',
        priority: 'low',
        max_tokens: 50,
        expires_at_ms: LATER_MS + 5000,
        converse: { inferenceConfig: { maxTokens: 50, temperature: 0.1 } },
      },
    });
  });

  it('has its longest answer changed in the words of its family', () => {
    const held = {
      ...bare,
      invoke_model: { prompt: 'x', textGenerationConfig: { maxTokenCount: 100, topP: 1 } },
    };
    expect(change({ max_tokens: 50 }, held)).toMatchObject({
      ok: true,
      held: {
        max_tokens: 50,
        invoke_model: { prompt: 'x', textGenerationConfig: { maxTokenCount: 50, topP: 1 } },
      },
    });
  });

  it('keeps what to reserve where its body has no words for it', () => {
    const held = { ...bare, max_tokens: 70, invoke_model: { inputText: 'x' } };
    expect(change({}, held)).toMatchObject({ ok: true, held: { max_tokens: 70 } });
    expect(change({ max_tokens: 30 }, held)).toMatchObject({
      ok: true,
      held: { max_tokens: 30, invoke_model: { inputText: 'x' } },
    });
  });

  it('is refused as at the door', () => {
    expect(faultsOf(change({ max_tokens: 201 }))).toMatchObject([
      { pointer: '/converse/inferenceConfig/maxTokens', code: 'max_tokens_too_large' },
    ]);
    const held = { ...bare, invoke_model: { prompt: 'x', max_tokens: 5 } };
    expect(faultsOf(change({ temperature: 0.5 }, held))).toMatchObject([
      { pointer: '/temperature', code: 'conflicting_fields' },
    ]);
    expect(faultsOf(change({}, heldWith({ pool: 'gone' })))).toMatchObject([{ code: 'unknown_model' }]);
  });
});
