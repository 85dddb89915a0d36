import { limit } from '../../shared/contract/limits.ts';
import { isObject } from '../../shared/core/answers/json-members.ts';
import { fault, faulty } from '../../shared/core/dialects/converted.ts';
import type { ConversionContext } from '../../shared/core/dialects/model-names.ts';
import { detectFormat } from './detect-format.ts';
import { INPUT_FORMAT_NAMES, type InputFormat } from './formats.ts';
import { fromAnthropic } from './from-anthropic.ts';
import { fromBedrock } from './from-bedrock.ts';
import { fromCsv } from './from-csv.ts';
import { fromJsonl } from './from-jsonl.ts';
import { fromOpenAi } from './from-openai.ts';
import type { InputItem, RawRecord } from './input-item.ts';
import { readDocument, readJsonLines, splitLines, type TextLine, UNREADABLE } from './read-records.ts';

export interface InputOptions {
  /** Where it came from, for its extension and for sentences about it. */
  readonly path: string;
  readonly format?: InputFormat;
  readonly template?: string;
}

export type InputRead =
  | {
      readonly ok: true;
      readonly format: InputFormat;
      /** Whether the format was found out, and not said. */
      readonly isDetected: boolean;
      readonly items: readonly InputItem[];
      /** Of a table. */
      readonly columns: readonly string[];
    }
  /** What only the user can mend, as one sentence. */
  | { readonly ok: false; readonly sentence: string };

type Records = Exclude<InputFormat, 'lines' | 'csv'>;

const CONVERSIONS: Readonly<Record<Records, (record: RawRecord, context: ConversionContext) => InputItem>> = {
  jsonl: fromJsonl,
  anthropic: fromAnthropic,
  openai: fromOpenAi,
  bedrock: fromBedrock,
};

const toPrompt = ({ line, text }: TextLine): InputItem => ({
  line,
  id: undefined,
  source: text,
  converted: { ok: true, envelope: { prompt: text } },
});

const toItem =
  (format: Records, context: ConversionContext) =>
  (record: RawRecord): InputItem =>
    record.value === UNREADABLE
      ? {
          line: record.line,
          id: undefined,
          source: {},
          converted: faulty(fault('', 'is not valid JSON: each line must be one whole object')),
        }
      : CONVERSIONS[format](record, context);

const ID = new RegExp(`^[A-Za-z0-9_-]{1,${limit('custom_id_characters')}}$`);

/** Ids of others may be longer, or hold what ours may not: theirs come back with the result all the same. */
const withCustomId = (item: InputItem, format: InputFormat): InputItem => {
  if (!item.converted.ok || (format === 'jsonl' && 'custom_id' in item.converted.envelope)) return item;
  const custom_id = item.id !== undefined && ID.test(item.id) ? item.id : `line-${item.line}`;
  return { ...item, converted: { ok: true, envelope: { custom_id, ...item.converted.envelope } } };
};

const read = (text: string, options: InputOptions, context: ConversionContext): InputRead => {
  const { path, format, template } = options;
  const lines = splitLines(text);
  const document = readDocument(text);
  const records = document ?? readJsonLines(lines);
  const detection =
    format === undefined
      ? detectFormat({
          path,
          hasTemplate: template !== undefined,
          records: records.filter(({ value }) => isObject(value)),
          lineCount: lines.length,
        })
      : ({ kind: 'sure', format } as const);
  if (detection.kind === 'doubt')
    return {
      ok: false,
      sentence: `It is not clear what ${path} is written in: ${detection.because}. Say it with --input-format: one of ${INPUT_FORMAT_NAMES.join(', ')}.`,
    };
  const found = { format: detection.format, isDetected: format === undefined };
  if (detection.format === 'lines') return { ok: true, ...found, columns: [], items: lines.map(toPrompt) };
  if (detection.format === 'csv') {
    const table = fromCsv(text, template);
    return table.ok ? { ...found, ...table } : table;
  }
  return { ok: true, ...found, columns: [], items: records.map(toItem(detection.format, context)) };
};

/** The lines are others'; who answers them is said beside them. */
const nameByOption = (names: readonly string[]): string =>
  `say with --model which of ${names.join(', ')} answers`;

/** The requests of an input, whichever form it has. */
export const readInput = (text: string, options: InputOptions, context: ConversionContext): InputRead => {
  const result = read(text.replace(/^\uFEFF/, ''), options, { ...context, remedy: nameByOption });
  if (!result.ok) return result;
  if (result.items.length === 0) return { ok: false, sentence: `${options.path} holds no request.` };
  return { ...result, items: result.items.map((item) => withCustomId(item, result.format)) };
};
