import type { ResultFormat } from '../input/formats.ts';
import type { ResultOfItem } from './result-of-item.ts';
import { toAnthropic } from './to-anthropic.ts';
import { toBedrock } from './to-bedrock.ts';
import { csvHead, toCsv } from './to-csv.ts';
import { toOpenAi } from './to-openai.ts';

export interface ResultWriter {
  /** Before the first result, such as the head of a table. */
  readonly head: string;
  /** With its line break. */
  render(result: ResultOfItem): string;
}

const asJson =
  (convert: (result: ResultOfItem) => unknown): ((result: ResultOfItem) => string) =>
  (result) =>
    `${JSON.stringify(convert(result))}\n`;

/** How results are written, one after the other. */
export const createResultWriter = (
  format: Exclude<ResultFormat, 'same'>,
  columns: readonly string[],
): ResultWriter => {
  switch (format) {
    case 'jsonl':
      return { head: '', render: asJson(({ result }) => result) };
    case 'anthropic':
      return { head: '', render: asJson(toAnthropic) };
    case 'openai':
      return { head: '', render: asJson(toOpenAi) };
    case 'bedrock':
      return { head: '', render: asJson(toBedrock) };
    case 'csv':
      return { head: `${csvHead(columns)}\n`, render: (result) => `${toCsv(result, columns)}\n` };
  }
};
