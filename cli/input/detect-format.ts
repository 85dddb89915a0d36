import { isObject } from '../../shared/core/answers/json-members.ts';
import type { InputFormat } from './formats.ts';
import { looksLikeAnthropic } from './from-anthropic.ts';
import { looksLikeBedrock } from './from-bedrock.ts';
import { looksLikeOurs } from './from-jsonl.ts';
import { looksLikeOpenAi } from './from-openai.ts';
import type { RawRecord } from './input-item.ts';

export type Detection =
  | { readonly kind: 'sure'; readonly format: InputFormat }
  /** More than one reading is likely, or none: the user has to say. */
  | { readonly kind: 'doubt'; readonly because: string };

/** So many are looked at: a file that begins in one format goes on in it, or its lines have faults. */
const LOOKED_AT = 100;

const LOOKS: readonly (readonly [InputFormat, (value: Readonly<Record<string, unknown>>) => boolean])[] = [
  ['openai', looksLikeOpenAi],
  ['anthropic', looksLikeAnthropic],
  ['bedrock', looksLikeBedrock],
  ['jsonl', looksLikeOurs],
];

const readingOf = (value: unknown): InputFormat | undefined =>
  isObject(value) ? LOOKS.find(([, looks]) => looks(value))?.[0] : undefined;

const membersOf = (value: unknown): string =>
  isObject(value) ? `has ${Object.keys(value).slice(0, 5).join(', ') || 'no members'}` : 'is no JSON object';

const extensionOf = (path: string): string => /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';

const TABLES = new Set(['csv', 'tsv']);
const TEXTS = new Set(['txt', 'text', 'md']);
const JSON_FILES = new Set(['json', 'jsonl', 'ndjson']);

/** A record that is like none is a faulty one of those that are; two forms in one file are for the user to sort out. */
const ofRecords = (records: readonly RawRecord[]): Detection => {
  const readings = records.flatMap(({ line, value }) => {
    const format = readingOf(value);
    return format === undefined ? [] : [{ line, format }];
  });
  const [first] = readings;
  if (first === undefined) {
    const [{ line, value } = { line: 1, value: undefined }] = records;
    const because = `line ${line} ${membersOf(value)}, which is like none of the known forms`;
    return { kind: 'doubt', because };
  }
  const other = readings.find(({ format }) => format !== first.format);
  if (other === undefined) return { kind: 'sure', format: first.format };
  const because = `line ${first.line} is like ${first.format}, and line ${other.line} is like ${other.format}`;
  return { kind: 'doubt', because };
};

export interface Sample {
  readonly path: string;
  readonly hasTemplate: boolean;
  /** Of the lines that are not blank, those that are JSON objects; or of a document that is JSON as a whole. */
  readonly records: readonly RawRecord[];
  readonly lineCount: number;
}

/** What an input is written in, by its name and its first lines; never a guess where two readings are likely. */
export const detectFormat = ({ path, hasTemplate, records, lineCount }: Sample): Detection => {
  const extension = extensionOf(path);
  if (TABLES.has(extension) || hasTemplate) return { kind: 'sure', format: 'csv' };
  if (TEXTS.has(extension)) return { kind: 'sure', format: 'lines' };
  const looked = records.slice(0, LOOKED_AT);
  if (looked.length === 0)
    return JSON_FILES.has(extension) && lineCount > 0
      ? { kind: 'doubt', because: `its name says JSON, and line 1 is no JSON object` }
      : { kind: 'sure', format: 'lines' };
  return ofRecords(looked);
};
