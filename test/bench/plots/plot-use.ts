import type { Measured } from '../algorithms/measure.ts';
import type { AlgorithmsReport } from '../algorithms/run-algorithms.ts';
import { smoother } from '../algorithms/smoother.ts';
import { cell, rowsOf } from './report-rows.ts';
import { type Column, layOutRows, linearScale } from './rows.ts';
import { type Box, element, line, type Picture, rect } from './svg.ts';
import type { Tone } from './theme.ts';

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
