import { PRIORITIES, type Priority } from '../../../shared/contract/priorities.ts';
import type { Measured } from '../algorithms/measure.ts';
import type { AlgorithmsReport } from '../algorithms/run-algorithms.ts';
import { cell, losesMany, rowsOf } from './report-rows.ts';
import { type Column, layOutRows, logScale, xIn } from './rows.ts';
import { type Box, element, type Picture, rect } from './svg.ts';
import type { Tone } from './theme.ts';

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
