import type { SocketMeasured } from '../sockets/measure-sockets.ts';
import type { SettingReport, SocketsReport } from '../sockets/run-sockets.ts';
import { wholePipeline } from '../sockets/whole-pipeline.ts';
import { SHARES } from './plot-marks.ts';
import { type Column, type LegendEntry, layOutRows, linearScale, logScale, xIn } from './rows.ts';
import { type Mark, mark, type Picture } from './svg.ts';
import type { Tone } from './theme.ts';

interface Sign {
  readonly tone: Tone;
  readonly shape: Mark;
}

const SIGNS: readonly Sign[] = [
  { tone: 'one', shape: 'circle' },
  { tone: 'two', shape: 'square' },
  { tone: 'three', shape: 'diamond' },
];

const ratesOf = ({ settings }: SocketsReport): readonly number[] => [
  ...new Set(settings.map(({ setting }) => setting.perMinute)),
];

const signOf = (rates: readonly number[], perMinute: number): Sign =>
  SIGNS[rates.indexOf(perMinute) % SIGNS.length] ?? { tone: 'six', shape: 'circle' };

type Figure = Column & { readonly of: (measured: SocketMeasured) => number };

const FIGURES: readonly Figure[] = [
  {
    title: 'use of the quota',
    of: ({ use_percent }) => use_percent,
    scale: linearScale(120),
    ticks: [
      { value: 0, label: '0' },
      { value: 50, label: '50 %' },
      { value: 100, label: '100 %', isBound: true },
    ],
  },
  {
    title: 'calls refused',
    of: ({ throttled_percent }) => throttled_percent,
    scale: logScale(0.01, 100),
    ticks: SHARES,
  },
  {
    title: 'requests lost',
    of: ({ lost, requests }) => (100 * lost) / requests,
    scale: logScale(0.01, 100),
    ticks: SHARES,
  },
];

const legendOf = (rates: readonly number[], settings: readonly SettingReport[]): readonly LegendEntry[] => [
  ...rates.map((perMinute) => ({
    label: `${perMinute.toLocaleString('en-US')} a minute`,
    ...signOf(rates, perMinute),
  })),
  ...(settings.some(({ setting }) => setting.mix === 'changing')
    ? [{ label: 'hollow: a mix that changes', tone: 'six', shape: 'circle', hollow: true } as const]
    : []),
];

/** Over sockets, in real time: what the simulator saw. */
export const plotSockets = (report: SocketsReport): Picture => {
  const rates = ratesOf(report);
  const { settings } = report;
  return layOutRows({
    title: 'Over sockets, in real time',
    subtitle:
      'As the simulated service saw it, at the rate that its quota allows, on one machine with two cores.',
    rows: (settings[0]?.measured ?? []).map(({ contender }) => ({
      label: contender,
      isOurs: contender === wholePipeline.name,
    })),
    columns: FIGURES,
    rowHeight: 46,
    gap: 48,
    legend: legendOf(rates, settings),
    draw: (row, column, box) =>
      settings
        .map(({ setting: { perMinute, mix }, measured }) => {
          const figure = FIGURES[column];
          const each = measured[row];
          if (figure === undefined || each === undefined) return '';
          const y = box.y + box.height / 2 + (rates.indexOf(perMinute) - (rates.length - 1) / 2) * 12;
          const { tone, shape } = signOf(rates, perMinute);
          return mark([xIn(box, figure.scale, figure.of(each)), y], shape, {
            tone,
            hollow: mix === 'changing',
          });
        })
        .join(''),
  });
};
