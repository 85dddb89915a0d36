import { nearestName } from '../../shared/contract/nearest-name.ts';
import type { Json } from '../../shared/core/answers/json-members.ts';
import { fault, faulty } from '../../shared/core/dialects/converted.ts';
import type { InputItem } from './input-item.ts';
import { type CsvRow, parseCsv } from './parse-csv.ts';

export type CsvRead =
  | { readonly ok: true; readonly items: readonly InputItem[]; readonly columns: readonly string[] }
  /** Of the whole table: its sentence says what to change. */
  | { readonly ok: false; readonly sentence: string };

const PLACEHOLDER = /\{\{([^{}]+)\}\}/g;

const ID_COLUMNS = ['custom_id', 'id'];

const placeholdersOf = (template: string): readonly string[] =>
  [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name.trim());

const unknownColumn = (name: string, columns: readonly string[]): string => {
  const nearest = nearestName(name, columns);
  const hint = nearest === undefined ? '' : ` Did you mean {{${nearest}}}?`;
  return `The template asks for {{${name}}}, and the columns are ${columns.join(', ')}.${hint}`;
};

const faultOfTemplate = (template: string, columns: readonly string[]): string | undefined => {
  const asked = placeholdersOf(template);
  if (asked.length === 0)
    return `The template names no column: write such as {{${columns[0] ?? 'text'}}} where one belongs.`;
  const unknown = asked.find((name) => !columns.includes(name));
  return unknown === undefined ? undefined : unknownColumn(unknown, columns);
};

const toItem = ({ line, cells }: CsvRow, columns: readonly string[], template: string): InputItem => {
  const source: Json = Object.fromEntries(columns.map((column, place) => [column, cells[place] ?? '']));
  const idColumn = ID_COLUMNS.find((column) => columns.includes(column));
  const id = idColumn === undefined ? undefined : String(source[idColumn]);
  if (cells.length !== columns.length) {
    const detail = `has ${cells.length} cells, and the head has ${columns.length}`;
    return { line, id, source, converted: faulty(fault('', detail)) };
  }
  const prompt = template.replaceAll(PLACEHOLDER, (_, name: string) => String(source[name.trim()]));
  return { line, id, source, converted: { ok: true, envelope: { prompt } } };
};

/** A table whose rows fill a template in; without one its column `prompt` is what is asked. */
export const fromCsv = (text: string, template: string | undefined): CsvRead => {
  const parsed = parseCsv(text);
  if (!parsed.ok) return { ok: false, sentence: `Line ${parsed.line} of the table ${parsed.detail}.` };
  const [head, ...rows] = parsed.rows;
  const columns = (head?.cells ?? []).map((cell) => cell.trim());
  const twice = columns.find((column, place) => columns.indexOf(column) !== place);
  if (twice !== undefined) return { ok: false, sentence: `The column ${twice} comes twice in the head.` };
  const filled = template ?? (columns.includes('prompt') ? '{{prompt}}' : undefined);
  if (filled === undefined)
    return {
      ok: false,
      sentence: `The columns are ${columns.join(', ')}: say what to ask with --template, such as --template 'Summarize: {{${columns.at(-1)}}}'.`,
    };
  const sentence = faultOfTemplate(filled, columns);
  if (sentence !== undefined) return { ok: false, sentence };
  return { ok: true, columns, items: rows.map((row) => toItem(row, columns, filled)) };
};
