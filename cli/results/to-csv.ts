import { isObject } from '../../shared/core/answers/json-members.ts';
import type { ResultOfItem } from './result-of-item.ts';

const ANSWER_COLUMNS = ['status', 'answer', 'error', 'input_tokens', 'output_tokens', 'cost_usd'] as const;

/** What a spreadsheet would take for a formula stays text. */
const guarded = (text: string): string => (/^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text);

const toCell = (value: unknown): string => {
  const text = value === null || value === undefined ? '' : guarded(String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const toRow = (cells: readonly unknown[]): string => cells.map(toCell).join(',');

/** The columns that a table had; where the input was none, the id alone. */
const ownColumns = (columns: readonly string[]): readonly string[] =>
  columns.length === 0 ? ['custom_id'] : columns;

export const csvHead = (columns: readonly string[]): string =>
  toRow([...ownColumns(columns), ...ANSWER_COLUMNS]);

/** The row that asked, with its answer. */
export const toCsv = ({ result, id, source }: ResultOfItem, columns: readonly string[]): string => {
  const own = columns.length === 0 || !isObject(source) ? [id] : columns.map((column) => source[column]);
  return toRow([
    ...own,
    result.status,
    result.content,
    result.error?.detail,
    result.usage?.input_tokens,
    result.usage?.output_tokens,
    result.cost_usd,
  ]);
};
