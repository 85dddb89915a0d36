import fc from 'fast-check';
import { checkInput } from '../../../cli/input/check-input.ts';
import { INPUT_FORMAT_NAMES, type InputFormat } from '../../../cli/input/formats.ts';
import { readInput } from '../../../cli/input/read-input.ts';
import { modelNamesOfSettings } from '../../../shared/core/dialects/model-names.ts';
import { settingsOf } from '../../fakes/world.ts';
import { pollutionFault } from './accounts.ts';
import type { Door } from './door.ts';
import { changedValue, hostileText, hostileValue, textOf } from './hostile-values.ts';
import { SOUND_ENVELOPES } from './sound-values.ts';

interface InputCase {
  readonly text: string;
  readonly format: InputFormat | undefined;
  readonly template: string | undefined;
  readonly path: string;
}

const ANTHROPIC = { max_tokens: 10, messages: [{ role: 'user', content: 'x' }] };

/** Lines of all that others write. */
const SOUND_LINES: readonly unknown[] = [
  ...SOUND_ENVELOPES,
  { custom_id: 'a', params: { model: 'claude', ...ANTHROPIC } },
  { custom_id: 'b', method: 'POST', url: '/v1/chat/completions', body: { model: 'gpt', ...ANTHROPIC } },
  { recordId: 'c', modelInput: { anthropic_version: 'bedrock-2023-05-31', ...ANTHROPIC } },
  { requests: [{ custom_id: 'a', params: ANTHROPIC }] },
];

const cell = fc.oneof(
  hostileText,
  hostileText.map((text) => `"${text.replaceAll('"', '""')}"`),
  fc.constantFrom('"', '""', '"a', 'a"b'),
);
const table = fc
  .array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 4 })
  .chain((rows) =>
    fc.constantFrom('\n', '\r\n', '\r').map((end) => rows.map((row) => row.join(',')).join(end)),
  );

const text: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(textOf(changedValue(SOUND_LINES)), { maxLength: 4 }).map((lines) => lines.join('\n')),
  },
  { weight: 2, arbitrary: table },
  { weight: 1, arbitrary: textOf(hostileValue) },
  { weight: 1, arbitrary: hostileText },
);

const settings = settingsOf();
const context = { settings, nowMs: Date.UTC(2026, 0, 31, 12) };

/** Every line is a request, or has a fault with its number; what can not be read at all is told in one sentence. */
const check = async ({ text: sent, format, template, path }: InputCase): Promise<string | undefined> => {
  const options = {
    path,
    ...(format === undefined ? {} : { format }),
    ...(template === undefined ? {} : { template }),
  };
  const read = readInput(sent, options, { models: modelNamesOfSettings(settings) });
  if (!read.ok) return read.sentence.trim() === '' ? 'it was refused without a word' : undefined;
  if (read.items.length === 0) return 'it was read, and holds nothing';
  const checked = checkInput(read.items, {}, context);
  if (checked.ok && checked.requests.length !== read.items.length)
    return `of ${read.items.length} requests ${checked.requests.length} are left`;
  if (!checked.ok && checked.faults.length === 0) return 'it was refused without a fault';
  return pollutionFault();
};

export const inputDoor: Door<InputCase> = {
  arbitrary: fc.record({
    text,
    format: fc.option(fc.constantFrom(...INPUT_FORMAT_NAMES), { nil: undefined }),
    template: fc.option(fc.oneof(fc.constantFrom('{a}', '{{a}}', '{', '}', 'say {b} {a}'), hostileText), {
      nil: undefined,
    }),
    path: fc.constantFrom('in.jsonl', 'in.csv', 'in.txt', 'in', '-', 'in.json'),
  }),
  check,
};
