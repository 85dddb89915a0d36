import { type SimulationResult, START_MS } from './run-simulation.ts';

const WIDTH = 960;
const HEIGHT = 360;
const MARGIN = { left: 70, right: 20, top: 40, bottom: 40 };
const BINS = 160;

interface Series {
  readonly binMs: number;
  /** Of what the quota refills in one bin. */
  readonly used: readonly number[];
  readonly waiting: readonly number[];
}

const seriesOf = ({ outcomes, service }: SimulationResult): Series => {
  const endMs = outcomes.reduce(
    (last, { answeredAtMs }) => Math.max(last, answeredAtMs ?? 0),
    START_MS + 1000,
  );
  const binMs = (endMs - START_MS) / BINS;
  const binOf = (atMs: number): number =>
    Math.min(BINS - 1, Math.max(0, Math.floor((atMs - START_MS) / binMs)));
  const used = new Array<number>(BINS).fill(0);
  const steps = new Array<number>(BINS).fill(0);
  for (const { atMs, amount } of service.charges()) used[binOf(atMs)] = (used[binOf(atMs)] ?? 0) + amount;
  for (const { request, sentAtMs } of outcomes) {
    const arrives = binOf(START_MS + request.arrivesAtMs);
    steps[arrives] = (steps[arrives] ?? 0) + 1;
    if (sentAtMs !== undefined) steps[binOf(sentAtMs)] = (steps[binOf(sentAtMs)] ?? 0) - 1;
  }
  const granted = service.granted(START_MS, endMs) / BINS;
  let waiting = 0;
  return {
    binMs,
    used: used.map((amount) => (granted > 0 ? amount / granted : 0)),
    waiting: steps.map((step) => {
      waiting += step;
      return waiting;
    }),
  };
};

const xOf = (bin: number): number => MARGIN.left + (bin / BINS) * (WIDTH - MARGIN.left - MARGIN.right);
const yOf = (share: number): number => HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom);

const pathOf = (values: readonly number[], most: number): string =>
  values
    .map(
      (value, bin) => `${bin === 0 ? 'M' : 'L'}${xOf(bin + 0.5).toFixed(1)},${yOf(value / most).toFixed(1)}`,
    )
    .join(' ');

const text = (x: number, y: number, words: string, anchor = 'start'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;

/** Use of the quota and waiting requests over time. */
export const renderSvg = (result: SimulationResult): string => {
  const { binMs, used, waiting } = seriesOf(result);
  const mostUsed = Math.max(1.2, ...used);
  const mostWaiting = Math.max(1, ...waiting);
  const minutes = ((binMs * BINS) / 60_000).toFixed(1);
  const quotaY = yOf(1 / mostUsed).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<path d="${pathOf(waiting, mostWaiting)}" fill="none" stroke="#c2410c" stroke-width="1.5"/>`,
    `<path d="${pathOf(used, mostUsed)}" fill="none" stroke="#1d4ed8" stroke-width="1.5"/>`,
    `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${quotaY}" y2="${quotaY}" stroke="#6b7280" stroke-dasharray="4 3"/>`,
    `<g fill="#374151">`,
    text(MARGIN.left - 8, Number(quotaY) + 4, '100 %', 'end'),
    text(MARGIN.left - 8, HEIGHT - MARGIN.bottom, '0', 'end'),
    text(WIDTH - MARGIN.right, HEIGHT - 12, `${minutes} minutes`, 'end'),
    `</g>`,
    `<g fill="#1d4ed8">${text(MARGIN.left, 22, 'use of the quota, by tokens charged')}</g>`,
    `<g fill="#c2410c">${text(WIDTH - MARGIN.right, 22, `waiting requests, at most ${mostWaiting}`, 'end')}</g>`,
    `</svg>`,
    '',
  ].join('\n');
};
