import { checkInput, renderFaults } from '../../../cli/input/check-input.ts';
import { readInput } from '../../../cli/input/read-input.ts';
import { parseSettings } from '../../../shared/contract/settings.ts';
import { modelNamesOfSettings } from '../../../shared/core/dialects/model-names.ts';

const parsed = parseSettings({});
if (!parsed.ok) throw new Error('the defaults have a fault');
const { settings } = parsed;

const check = (text: string, defaults = {}) => {
  const read = readInput(
    text,
    { path: 'x.jsonl' },
    { models: modelNamesOfSettings(settings), model: undefined },
  );
  if (!read.ok) throw new Error(read.sentence);
  return checkInput(read.items, defaults, { settings, nowMs: Date.parse('2026-01-31T12:00:00Z') });
};

describe('the check of an input', () => {
  it('names every fault of every line, and those between lines', () => {
    const text = [
      '{"custom_id": "a", "prompt": "x"}',
      '{"custom_id": "b", "promt": "x", "max_tokens": 0}',
      '',
      '{"custom_id": "a", "prompt": "x"}',
      '{"custom_id": "c", "prompt": "x", "model": "haikuu"}',
    ].join('\n');
    const checked = check(text);
    expect(checked.ok ? '' : renderFaults(checked.faults)).toBe(
      [
        '  line 2 /max_tokens: must be at least 1',
        '  line 2 /promt: `promt` is not known here; did you mean `prompt`?',
        '  line 2: one of prompt, messages, converse, invoke_model is needed',
        '  line 4 /custom_id: `a` is also that of line 1',
        '  line 5 /model: `haikuu` is not configured; configured: haiku; did you mean `haiku`?',
      ].join('\n'),
    );
  });

  it('says once what a thousand lines have in common', () => {
    const text = Array.from({ length: 1000 }, (_, index) =>
      index === 500 ? '{"prompt": "x"}' : '{"prompt": "x", "max_tokens": 0}',
    ).join('\n');
    const checked = check(text);
    expect(checked.ok ? '' : renderFaults(checked.faults)).toBe(
      '  line 1-500, 502-1000 /max_tokens: must be at least 1',
    );
  });

  it('tells fifty kinds of faults, and how many more there are', () => {
    const text = Array.from({ length: 60 }, (_, index) => `{"prompt": "x", "field${index}": 1}`).join('\n');
    const checked = check(text);
    const lines = (checked.ok ? '' : renderFaults(checked.faults)).split('\n');
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('  and 10 more of other kinds');
  });

  it('fills in what a request leaves out, where its form has a place for it', () => {
    const text = [
      '{"custom_id": "a", "prompt": "x"}',
      '{"custom_id": "b", "prompt": "x", "max_tokens": 5, "priority": "high"}',
      '{"custom_id": "c", "converse": {"messages": [{"role": "user", "content": [{"text": "x"}]}]}}',
    ].join('\n');
    const checked = check(text, { model: 'haiku', priority: 'low', maxTokens: 50, system: 'Be brief.' });
    expect(checked.ok && checked.requests.map(({ envelope }) => envelope)).toEqual([
      { model: 'haiku', priority: 'low', system: 'Be brief.', max_tokens: 50, custom_id: 'a', prompt: 'x' },
      { model: 'haiku', priority: 'high', system: 'Be brief.', max_tokens: 5, custom_id: 'b', prompt: 'x' },
      {
        model: 'haiku',
        priority: 'low',
        custom_id: 'c',
        converse: { messages: [{ role: 'user', content: [{ text: 'x' }] }] },
      },
    ]);
  });
});
