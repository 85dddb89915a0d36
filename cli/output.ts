import { processEnvironment } from '../functions/runtime/environment.ts';
import { createPalette, type Palette } from './colour.ts';

/** Data goes to standard output, everything said about it to standard error. */
export const print = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

export const say = (text: string): void => {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
};

export const paletteFor = (stream: NodeJS.WriteStream): Palette =>
  createPalette(stream.isTTY === true && (processEnvironment().NO_COLOR ?? '') === '');

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | null | undefined;
  readonly align?: 'right';
}

const textOf = (value: string | number | null | undefined): string => (value ?? '-').toString();

/** In columns on a terminal; tabs between plain values when piped, so that `cut` and `awk` read it. */
export const renderRows = <Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { isTerminal, palette }: { readonly isTerminal: boolean; readonly palette: Palette },
): string => {
  const cells = rows.map((row) => columns.map(({ of }) => textOf(of(row))));
  if (!isTerminal) return cells.map((line) => line.join('\t')).join('\n');
  const widths = columns.map(({ title }, place) =>
    Math.max(title.length, ...cells.map((line) => (line[place] ?? '').length)),
  );
  const pad = (text: string, place: number): string =>
    columns[place]?.align === 'right' ? text.padStart(widths[place] ?? 0) : text.padEnd(widths[place] ?? 0);
  const head = palette.dim(columns.map(({ title }, place) => pad(title, place)).join('  '));
  return [head, ...cells.map((line) => line.map(pad).join('  ').trimEnd())].join('\n');
};

/** A table of what was asked for, or with `--json` the answer as it came. */
export const printRows = <Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void => {
  const isTerminal = process.stdout.isTTY === true;
  if (rows.length > 0) print(renderRows(rows, columns, { isTerminal, palette: paletteFor(process.stdout) }));
};

export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** A reader of standard output may stop reading: that is no reason to fail. */
export const tolerateClosedOutput = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
};
