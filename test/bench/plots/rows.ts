import type { Mark } from './svg.ts';
import { type Box, line, mark, type Picture, rect, text } from './svg.ts';
import type { Tone } from './theme.ts';

export interface Row {
  readonly label: string;
  readonly isOurs: boolean;
}

/** Where a value lies, 0 to 1. */
export type Scale = (value: number) => number;

export interface Tick {
  readonly value: number;
  readonly label: string;
  /** Drawn strongly: what all others are held against. */
  readonly isBound?: boolean;
}

export interface Column {
  readonly title: string;
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
}

export interface LegendEntry {
  readonly label: string;
  readonly tone: Tone;
  readonly shape: Mark | 'bar';
  readonly hollow?: boolean;
}

export interface RowsPlot {
  readonly title: string;
  readonly subtitle: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly rowHeight: number;
  /** Between columns. */
  readonly gap?: number;
  readonly legend: readonly LegendEntry[];
  /** Into the box of one row and column. */
  readonly draw: (row: number, column: number, box: Box) => string;
}

const WIDTH = 1000;
const LABELS = 196;
const MARGIN = 24;
const HEAD = 92;
const COLUMN_HEAD = 30;
const FOOT = 40;

/** At least `least`, which stands for everything below it, too. */
export const logScale = (least: number, most: number): Scale => {
  const span = Math.log(most / least);
  return (value) => Math.min(1, Math.max(0, Math.log(Math.max(value, least) / least) / span));
};

export const linearScale =
  (most: number): Scale =>
  (value) =>
    Math.min(1, Math.max(0, value / most));

export const xIn = ({ x, width }: Box, scale: Scale, value: number): number => x + width * scale(value);

const legendOf = (entries: readonly LegendEntry[], y: number): string => {
  let x = MARGIN;
  return entries
    .map(({ label, tone, shape, hollow = false }) => {
      const at = x;
      x += 44 + label.length * 7.4;
      const sign =
        shape === 'bar'
          ? rect({ x: at, y: y - 10, width: 14, height: 10 }, tone, { rx: 2 })
          : mark([at + 7, y - 5], shape, { tone, hollow });
      return sign + text([at + 20, y], label, { tone: 'muted', size: 12.5 });
    })
    .join('');
};

const axisOf = ({ title, scale, ticks }: Column, { x, y, width, height }: Box): string =>
  text([x, y - 12], title, { bold: true, size: 13 }) +
  ticks
    .map(({ value, label, isBound = false }) => {
      const at = x + width * scale(value);
      const rule = isBound ? line([at, y, at, y + height], 'line', { 'stroke-dasharray': '4 3' }) : '';
      return (
        (isBound ? rule : line([at, y, at, y + height], 'grid')) +
        text([at, y + height + 17], label, { tone: 'muted', size: 11.5, anchor: 'middle' })
      );
    })
    .join('');

interface Layout {
  readonly rowY: (row: number) => number;
  readonly boxOf: (column: number) => Box;
  readonly height: number;
}

const layoutOf = ({ rows, columns, rowHeight, gap = 36 }: RowsPlot): Layout => {
  const top = HEAD + COLUMN_HEAD;
  const left = MARGIN + LABELS;
  const width = (WIDTH - left - MARGIN - gap * (columns.length - 1)) / columns.length;
  const height = rows.length * rowHeight;
  return {
    rowY: (row) => top + row * rowHeight,
    boxOf: (column) => ({ x: left + column * (width + gap), y: top, width, height }),
    height: top + height + FOOT,
  };
};

const bandOf = ({ rowHeight }: RowsPlot, { isOurs }: Row, y: number): string =>
  isOurs
    ? rect({ x: MARGIN - 8, y, width: WIDTH - 2 * MARGIN + 16, height: rowHeight }, 'band', { rx: 5 })
    : '';

const labelOf = ({ rowHeight }: RowsPlot, { label, isOurs }: Row, y: number): string =>
  text([MARGIN, y + rowHeight / 2 + 4.5], label, { bold: isOurs, tone: isOurs ? 'ours' : 'ink', size: 13 });

/** A title, a legend, and under each other the rows, with the same columns. */
export const layOutRows = (plot: RowsPlot): Picture => {
  const { rows, columns, rowHeight, title, subtitle } = plot;
  const { rowY, boxOf, height } = layoutOf(plot);
  const cells = columns.flatMap((_, column) =>
    rows.map((_row, row) => plot.draw(row, column, { ...boxOf(column), y: rowY(row), height: rowHeight })),
  );
  const body = [
    text([MARGIN, 34], title, { bold: true, size: 18 }),
    text([MARGIN, 56], subtitle, { tone: 'muted', size: 13 }),
    legendOf(plot.legend, 80),
    ...rows.map((row, index) => bandOf(plot, row, rowY(index))),
    ...columns.map((column, index) => axisOf(column, boxOf(index))),
    ...rows.map((row, index) => labelOf(plot, row, rowY(index))),
    ...cells,
  ].join('\n');
  return { width: WIDTH, height, description: `${title}. ${subtitle}`, body };
};
