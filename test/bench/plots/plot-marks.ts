import type { Measured } from '../algorithms/measure.ts';
import type { AlgorithmsReport } from '../algorithms/run-algorithms.ts';
import type { WorkloadName } from '../algorithms/workload.ts';
import { losesMany, rowsOf } from './report-rows.ts';
import { type LegendEntry, layOutRows, logScale, xIn } from './rows.ts';
import { type Box, type Mark, mark, type Picture } from './svg.ts';
import type { Tone } from './theme.ts';

const WORKLOAD_MARKS: Readonly<Record<WorkloadName, { readonly tone: Tone; readonly shape: Mark }>> = {
  steady: { tone: 'one', shape: 'circle' },
  bursty: { tone: 'two', shape: 'square' },
  changing: { tone: 'three', shape: 'diamond' },
};

const workloadLegend = ({ workloads }: AlgorithmsReport): readonly LegendEntry[] =>
  workloads.map(({ workload, title }) => ({ label: title, ...WORKLOAD_MARKS[workload] }));

/** One mark for each workload, a little above each other. */
const drawMarks = (
  report: AlgorithmsReport,
  row: number,
  place: (measured: Measured) => { readonly x: number; readonly hollow: boolean },
  { y, height }: Box,
): string =>
  report.workloads
    .map(({ workload, measured }, index) => {
      const each = measured[row];
      if (each === undefined) return '';
      const { x, hollow } = place(each);
      const at = y + height / 2 + (index - 1) * 9;
      const { tone, shape } = WORKLOAD_MARKS[workload];
      return mark([x, at], shape, { tone, hollow });
    })
    .join('');

export const SHARES = [
  { value: 0.01, label: '0' },
  { value: 0.1, label: '0.1 %' },
  { value: 1, label: '1 %' },
  { value: 10, label: '10 %' },
  { value: 100, label: '100 %' },
] as const;

export const plotThrottles = (report: AlgorithmsReport): Picture => {
  const scale = logScale(0.01, 100);
  const figures: readonly ((measured: Measured) => number)[] = [
    ({ throttled_percent }) => throttled_percent,
    ({ requests, answered }) => 100 * (1 - answered / requests),
  ];
  return layOutRows({
    title: 'Calls that were refused, and requests that were lost',
    subtitle: 'Of all calls, and of all requests. A lost request is one whose caller was told to try again.',
    rows: rowsOf(report),
    columns: [
      { title: 'calls refused', scale, ticks: SHARES },
      { title: 'requests lost', scale, ticks: SHARES },
    ],
    rowHeight: 36,
    gap: 56,
    legend: workloadLegend(report),
    draw: (row, column, box) =>
      drawMarks(
        report,
        row,
        (measured) => ({ x: xIn(box, scale, figures[column]?.(measured) ?? 0), hollow: false }),
        box,
      ),
  });
};

export const plotMakespan = (report: AlgorithmsReport): Picture => {
  const scale = logScale(0.8, 10);
  return layOutRows({
    title: 'When the last request was sent',
    subtitle:
      'Against the soonest that the quota allows. Hollow: more than 1 % of the requests were lost on the way.',
    rows: rowsOf(report),
    columns: [
      {
        title: 'last request sent, in times of the bound',
        scale,
        ticks: [
          { value: 1, label: '1', isBound: true },
          { value: 1.5, label: '1.5' },
          { value: 2, label: '2' },
          { value: 3, label: '3' },
          { value: 5, label: '5' },
          { value: 8, label: '8' },
        ],
      },
    ],
    rowHeight: 36,
    legend: workloadLegend(report),
    draw: (row, _column, box) =>
      drawMarks(
        report,
        row,
        (measured) => ({ x: xIn(box, scale, measured.last_sent_of_bound), hollow: losesMany(measured) }),
        box,
      ),
  });
};
