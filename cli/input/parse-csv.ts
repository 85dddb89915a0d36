export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export type ParsedCsv =
  | { readonly ok: true; readonly rows: readonly CsvRow[] }
  | { readonly ok: false; readonly line: number; readonly detail: string };

const DELIMITERS = [',', ';', '\t'] as const;

/** The one that the head has most of, outside of quotes. */
const delimiterOf = (text: string): string => {
  const [head = ''] = text.split(/\r?\n/, 1);
  const bare = head.replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
};

/** One cell, quoted or plain, and what ends it. */
const cellPattern = (delimiter: string): RegExp =>
  new RegExp(
    `(?:"([^"]*(?:""[^"]*)*)"|([^${delimiter}\\r\\n"][^${delimiter}\\r\\n]*)?)(${delimiter}|\\r\\n|\\n|\\r|$)`,
    'y',
  );

const breaksIn = (text: string): number => text.split('\n').length - 1;

/** RFC 4180: quotes around what holds delimiters, breaks or quotes, which are doubled. Blank lines are left out. */
export const parseCsv = (text: string): ParsedCsv => {
  const delimiter = delimiterOf(text);
  const pattern = cellPattern(delimiter);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let rowLine = 1;
  for (let isOver = false; !isOver; ) {
    const found = pattern.exec(text);
    if (found === null)
      return { ok: false, line, detail: 'has a quote that is never closed, or text after a closing one' };
    const [whole, quoted, plain = '', end] = found;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += breaksIn(whole);
    if (end === delimiter) continue;
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: rowLine, cells });
    cells = [];
    rowLine = line;
    isOver = end === '';
  }
  return { ok: true, rows };
};
