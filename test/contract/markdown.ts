/** One row of a table, by the names in its header; code marks around a whole cell are taken off. */
export type Row = Readonly<Record<string, string>>;

/** The lines between the heading with this text and the next heading of any level. */
const section = (markdown: string, heading: string): readonly string[] => {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line));
  return end < 0 ? rest : rest.slice(0, end);
};

const plain = (cell: string): string => {
  const text = cell.trim();
  return /^`[^`]*`$/.test(text) ? text.slice(1, -1) : text;
};

const cells = (line: string): readonly string[] => line.split('|').slice(1, -1).map(plain);

/** The one table below a heading. */
export const tableBelow = (markdown: string, heading: string): readonly Row[] => {
  const [header, rule, ...rows] = section(markdown, heading).filter((line) => line.startsWith('|'));
  if (header === undefined || rule === undefined || !/^[|-]+$/.test(rule))
    throw new Error(`there is no table below "${heading}"`);
  const names = cells(header);
  return rows.map((row) => {
    const values = cells(row);
    if (values.length !== names.length) throw new Error(`a row below "${heading}" is torn: ${row}`);
    return Object.fromEntries(names.map((name, column) => [name, values[column] ?? '']));
  });
};

/** The JSON examples below a heading, in their order. */
export const examplesBelow = (markdown: string, heading: string): readonly unknown[] => {
  const text = section(markdown, heading).join('\n');
  return [...text.matchAll(/^```json\n(.*?)\n```$/gms)].map(([, json]): unknown => JSON.parse(json ?? ''));
};
