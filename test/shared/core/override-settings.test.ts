import fc from 'fast-check';
import { overrideContext } from '../../../shared/core/override-settings.ts';

const CONTEXT = { aws_region: 'us-east-1', alarm_threshold: 5 };

describe('overrideContext', () => {
  it('leaves the context as it is without overrides', () => {
    expect(overrideContext(CONTEXT, [])).toEqual({ ok: true, context: CONTEXT });
  });

  it.each([
    ['a number', 'alarm_threshold=7', { alarm_threshold: 7 }],
    ['a quoted string', 'aws_region="eu-west-1"', { aws_region: 'eu-west-1' }],
    ['a plain string', 'aws_region=eu-west-1', { aws_region: 'eu-west-1' }],
    ['a string that holds =', 'dashboard_name=a=b', { dashboard_name: 'a=b' }],
    ['a string that begins as a number', 'dashboard_name=7seas', { dashboard_name: '7seas' }],
    ['nothing, as an empty string', 'dashboard_name=', { dashboard_name: '' }],
    ['true', 'x=true', { x: true }],
    ['null', 'x=null', { x: null }],
    ['a list', 'x=[1,2]', { x: [1, 2] }],
    ['an object', 'models={"sonnet":{"model_id":"m"}}', { models: { sonnet: { model_id: 'm' } } }],
    ['JSON after a blank', 'x= {"a":1}', { x: { a: 1 } }],
  ])('takes %s', (_, override, expected) => {
    expect(overrideContext(CONTEXT, [override])).toEqual({ ok: true, context: { ...CONTEXT, ...expected } });
  });

  it('replaces a whole setting and merges nothing into it', () => {
    const context = { models: { haiku: { model_id: 'h' } } };

    expect(overrideContext(context, ['models={"sonnet":{"model_id":"s"}}'])).toEqual({
      ok: true,
      context: { models: { sonnet: { model_id: 's' } } },
    });
  });

  it('lets the last of two overrides hold', () => {
    expect(overrideContext(CONTEXT, ['alarm_threshold=6', 'alarm_threshold=7'])).toEqual({
      ok: true,
      context: { aws_region: 'us-east-1', alarm_threshold: 7 },
    });
  });

  it('does not change the context it was given', () => {
    const context = Object.freeze({ ...CONTEXT });

    overrideContext(context, ['alarm_threshold=7']);

    expect(context).toEqual(CONTEXT);
  });

  it.each(['models={', 'models=[1,', 'models="haiku', 'models= {a:1}'])(
    'refuses %s, which begins as JSON and is none',
    (override) => {
      expect(overrideContext(CONTEXT, [override])).toEqual({
        ok: false,
        faults: [{ setting: 'models', detail: expect.stringMatching(/^must be valid JSON: [^\n]+$/) }],
      });
    },
  );

  it.each(['models', '=5', ''])('refuses %p, which names no setting', (override) => {
    expect(overrideContext(CONTEXT, [override])).toEqual({
      ok: false,
      faults: [{ setting: '--context', detail: `must be NAME=JSON, not \`${override}\`` }],
    });
  });

  it('names every fault at once', () => {
    const overridden = overrideContext(CONTEXT, ['models={', 'alarm_threshold=7', 'oops']);

    expect(overridden.ok ? [] : overridden.faults.map(({ setting }) => setting)).toEqual([
      'models',
      '--context',
    ]);
  });

  it('takes back whatever JSON says, under any name', () => {
    const names = fc.string({ minLength: 1 }).filter((name) => !name.includes('='));
    fc.assert(
      fc.property(names, fc.jsonValue(), (name, value) => {
        const overridden = overrideContext({}, [`${name}=${JSON.stringify(value)}`]);
        const entries = overridden.ok ? Object.entries(overridden.context) : [];

        expect(JSON.stringify(entries)).toBe(JSON.stringify([[name, value]]));
      }),
    );
  });
});
