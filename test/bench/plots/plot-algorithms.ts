import { PRIORITIES, type Priority } from '../../../shared/contract/priorities.ts';
import type { Measured } from '../algorithms/measure.ts';
import type { AlgorithmsReport, WorkloadReport } from '../algorithms/run-algorithms.ts';
import { smoother } from '../algorithms/smoother.ts';
import type { WorkloadName } from '../algorithms/workload.ts';
import { type Column, type LegendEntry, layOutRows, linearScale, logScale, type Row, xIn } from './rows.ts';
import { type Box, element, line, type Mark, mark, type Picture, rect } from './svg.ts';
import type { Tone } from './theme.ts';

const rowsOf = ({ workloads }: AlgorithmsReport): readonly Row[] =>
  (workloads[0]?.measured ?? []).map(({ contender }) => ({
    label: contender,
    isOurs: contender === smoother.name,
  }));

const cell = (
  { workloads }: AlgorithmsReport,
  row: number,
  column: number,
): readonly [WorkloadReport, Measured] | undefined => {
  const workload = workloads[column];
  const measured = workload?.measured[row];
  return workload === undefined || measured === undefined ? undefined : [workload, measured];
};

/** From there on a figure of what was answered tells little. */
const LOST_TOO_MANY = 0.01;
const losesMany = ({ requests, answered }: Measured): boolean => 1 - answered / requests > LOST_TOO_MANY;

const toneOf = ({ contender }: Measured): Tone => (contender === smoother.name ? 'ours' : 'other');

const BASE = 13;
const MOST_USE = 1.6;

/** An area above its base line for use, bars below it for refusals: by their logarithm, since storms are large. */
const drawUse = (seconds: number, measured: Measured, { x, y, width, height }: Box): string => {
  const { use, throttled, bin_seconds } = measured.series;
  const bins = Math.min(use.length, Math.ceil(seconds / bin_seconds));
  const step = width / bins;
  const base = y + height - BASE;
  const full = height - BASE - 5;
  const top = (value: number): string => (base - (full * Math.min(MOST_USE, value)) / MOST_USE).toFixed(1);
  const points = use
    .slice(0, bins)
    .map((value, bin) => `L${(x + (bin + 0.5) * step).toFixed(1)},${top(value)}`);
  const area = `M${x.toFixed(1)},${base}${points.join('')}L${(x + width).toFixed(1)},${base}z`;
  const hundred = Number(top(1));
  const bars = throttled.slice(0, bins).map((count, bin) => {
    if (count === 0) return '';
    const depth = Math.min(BASE - 3, 2.5 + 2.6 * Math.log10(count));
    return rect(
      { x: x + bin * step + 0.4, y: base + 1, width: Math.max(1, step - 0.8), height: depth },
      'bad',
    );
  });
  return [
    element('path', { d: area, class: `f-${toneOf(measured)}`, 'fill-opacity': 0.75 }),
    line([x, hundred, x + width, hundred], 'line', { 'stroke-dasharray': '2 3', 'stroke-width': 0.8 }),
    line([x, base, x + width, base], 'line', { 'stroke-width': 0.8 }),
    ...bars,
  ].join('');
};

export const plotUse = (report: AlgorithmsReport): Picture => {
  const columns = report.workloads.map((workload): Column => {
    const seconds = 1.5 * workload.bound_seconds;
    return {
      title: workload.title,
      scale: linearScale(seconds),
      ticks: [
        { value: 0, label: '0' },
        {
          value: workload.bound_seconds,
          label: `bound ${(workload.bound_seconds / 60).toFixed(1)} min`,
          isBound: true,
        },
      ],
    };
  });
  return layOutRows({
    title: 'Use of the quota, and refused calls, over time',
    subtitle: 'Dotted: 100 % of what the service grants. At the bound, an ideal sender has sent everything.',
    rows: rowsOf(report),
    columns,
    rowHeight: 50,
    legend: [
      { label: 'tokens charged, us', tone: 'ours', shape: 'bar' },
      { label: 'tokens charged, others', tone: 'other', shape: 'bar' },
      { label: 'calls refused in 15 s (logarithmic)', tone: 'bad', shape: 'bar' },
    ],
    draw: (row, column, box) => {
      const found = cell(report, row, column);
      return found === undefined ? '' : drawUse(1.5 * found[0].bound_seconds, found[1], box);
    },
  });
};

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

const SHARES = [
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

const CLASS_TONES: Readonly<Record<Priority, Tone>> = { high: 'two', normal: 'one', low: 'three' };

const drawWaits = (measured: Measured, box: Box, column: Column): string =>
  PRIORITIES.map((priority, index) => {
    const { p50_seconds, p99_seconds } = measured.waits[priority];
    const y = box.y + box.height / 2 + (index - 1) * 9;
    const from = xIn(box, column.scale, p50_seconds);
    const to = xIn(box, column.scale, p99_seconds);
    const tone = CLASS_TONES[priority];
    return element(
      'g',
      losesMany(measured) ? { opacity: 0.35 } : {},
      rect({ x: from, y: y - 2.5, width: Math.max(1, to - from), height: 5 }, tone, { rx: 2.5 }) +
        element('circle', { cx: from, cy: y, r: 3.6, class: `f-${tone}` }),
    );
  }).join('');

export const plotWaits = (report: AlgorithmsReport): Picture => {
  const columns = report.workloads.map(
    ({ title }): Column => ({
      title,
      scale: logScale(0.1, 7200),
      ticks: [
        { value: 0.1, label: '≤ 0.1 s' },
        { value: 1, label: '1 s' },
        { value: 10, label: '10 s' },
        { value: 60, label: '1 min' },
        { value: 600, label: '10 min' },
        { value: 3600, label: '1 h' },
      ],
    }),
  );
  return layOutRows({
    title: 'How long requests wait, by class',
    subtitle:
      'From arrival until the call that was answered. Pale: more than 1 % of the requests were lost instead of waiting.',
    rows: rowsOf(report),
    columns,
    rowHeight: 38,
    legend: [
      ...PRIORITIES.map((priority) => ({
        label: `${priority}: p50 to p99`,
        tone: CLASS_TONES[priority],
        shape: 'bar' as const,
      })),
    ],
    draw: (row, column, box) => {
      const found = cell(report, row, column);
      const axis = columns[column];
      return found === undefined || axis === undefined ? '' : drawWaits(found[1], box, axis);
    },
  });
};
