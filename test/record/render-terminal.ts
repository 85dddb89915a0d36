import type { Line, Span } from './screen.ts';

export interface Frame {
  readonly atMs: number;
  readonly lines: readonly Line[];
}

export interface TerminalOptions {
  readonly title: string;
  readonly columns: number;
  /** How long the last frame is shown before it begins anew. */
  readonly restMs: number;
}

const CELL = { width: 8.4, height: 20 };
const MARGIN = { left: 16, top: 48, bottom: 14 };

const COLOURS: Readonly<Record<string, string>> = {
  red: '#ff7b72',
  green: '#56d364',
  yellow: '#e3b341',
  cyan: '#56d4dd',
};

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** One thing that stands somewhere for a while. */
interface Shown {
  readonly row: number;
  readonly line: Line;
  readonly fromMs: number;
  /** None: until the end. */
  readonly untilMs: number | undefined;
}

const keyOf = (line: Line | undefined): string => JSON.stringify(line ?? []);

/** Each line once, with when it stands where. */
const toShown = (frames: readonly Frame[]): readonly Shown[] => {
  const rows = Math.max(...frames.map(({ lines }) => lines.length));
  return Array.from({ length: rows }, (_, row) => {
    const changes = frames.filter(
      ({ lines }, index) => index === 0 || keyOf(lines[row]) !== keyOf(frames[index - 1]?.lines[row]),
    );
    return changes.map(({ atMs, lines }, index) => ({
      row,
      line: lines[row] ?? [],
      fromMs: atMs,
      untilMs: changes[index + 1]?.atMs,
    }));
  })
    .flat()
    .filter(({ line }) => line.length > 0);
};

const DIM = '#8b949e';

const fillOf = ({ colour, isDim }: Span): readonly string[] => {
  const fill = colour === undefined ? (isDim ? DIM : undefined) : COLOURS[colour];
  return fill === undefined ? [] : [`fill="${fill}"`];
};

const renderSpan = (span: Span, column: number): string => {
  const { text, isBold } = span;
  const width = ([...text].length * CELL.width).toFixed(1);
  const look = [
    `x="${(MARGIN.left + column * CELL.width).toFixed(1)}"`,
    `textLength="${width}"`,
    ...fillOf(span),
    ...(isBold ? ['font-weight="bold"'] : []),
  ];
  return `<tspan ${look.join(' ')}>${escapeXml(text)}</tspan>`;
};

const renderLine = ({ row, line, untilMs }: Shown, name: string | undefined): string => {
  let column = 0;
  const spans = line.map((span) => {
    const rendered = renderSpan(span, column);
    column += [...span.text].length;
    return rendered;
  });
  const classes = name === undefined ? '' : ` class="${untilMs === undefined ? 'stays' : 'goes'} ${name}"`;
  return `<text y="${MARGIN.top + row * CELL.height}"${classes}>${spans.join('')}</text>`;
};

const percent = (atMs: number, wholeMs: number): string => `${((atMs / wholeMs) * 100).toFixed(2)}%`;

const keyframes = ({ fromMs, untilMs }: Shown, name: string, wholeMs: number): string => {
  const until = untilMs === undefined ? '' : `${percent(untilMs, wholeMs)}{visibility:hidden}`;
  return `@keyframes ${name}{0%{visibility:hidden}${percent(fromMs, wholeMs)}{visibility:visible}${until}}.${name}{animation-name:${name}}`;
};

/** What a terminal showed, as it came. Where nothing moves, the end of it. */
export const renderTerminal = (frames: readonly Frame[], options: TerminalOptions): string => {
  const shown = toShown(frames);
  const wholeMs = (frames.at(-1)?.atMs ?? 0) + options.restMs;
  const rows = Math.max(...frames.map(({ lines }) => lines.length));
  const width = Math.ceil(options.columns * CELL.width + 2 * MARGIN.left);
  const height = MARGIN.top + rows * CELL.height - CELL.height + MARGIN.bottom + 6;
  const named = shown.map((each, index) => ({
    each,
    name: each.fromMs === 0 && each.untilMs === undefined ? undefined : `l${index}`,
  }));
  const rules = named.flatMap(({ each, name }) =>
    name === undefined ? [] : [keyframes(each, name, wholeMs)],
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(options.title)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}
.goes{visibility:hidden}
@media (prefers-reduced-motion:no-preference){.goes,.stays{animation:${wholeMs}ms step-end infinite}
${rules.join('\n')}}
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
${named.map(({ each, name }) => renderLine(each, name)).join('\n')}
</svg>
`;
};
