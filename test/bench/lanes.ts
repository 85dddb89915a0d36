import { mean } from '../../cli/simulate/percentile.ts';
import { renderTable } from '../../cli/simulate/render-report.ts';
import { type LanesFigures, type LanesOptions, runLanes } from '../simulation/lanes/run-lanes.ts';

/** npm run bench:lanes -- [share of 2,000,000 tokens a minute] [seeds] [9 or 3 lanes, 0 for both] [seconds]: nine lanes against three, in virtual time. */
const [scale = 1, seeds = 5, only = 0, seconds = 240] = process.argv.slice(2).map(Number);

const VARIANTS = (['streams', 'loads'] as const).flatMap((arrival) =>
  (['off', 'aws-thresholds'] as const).flatMap((fairness) =>
    ([9, 3] as const)
      .filter((lanes) => only === 0 || lanes === only)
      .map((lanes) => ({ arrival, fairness, lanes })),
  ),
);

type Variant = Pick<LanesOptions, 'arrival' | 'fairness' | 'lanes'>;

const runsOf = async (variant: Variant): Promise<readonly LanesFigures[]> => {
  const runs: LanesFigures[] = [];
  for (let seed = 0; seed < seeds; seed++)
    runs.push(await runLanes({ seed: `bench-${seed}`, scale, seconds, ...variant }));
  return runs;
};

const toRow = ({ arrival, fairness, lanes }: Variant, runs: readonly LanesFigures[]) => [
  arrival,
  fairness,
  lanes,
  mean(runs.map(({ jain }) => jain)).toFixed(3),
  Math.min(...runs.map(({ jain }) => jain)).toFixed(3),
  mean(runs.map(({ lightP99Seconds }) => lightP99Seconds)).toFixed(1),
  Math.max(...runs.map(({ lightP99Seconds }) => lightP99Seconds)).toFixed(1),
  mean(runs.map(({ use }) => 100 * use)).toFixed(0),
  mean(runs.map(({ queueCalls }) => queueCalls)).toFixed(2),
];

const HEAD = ['arrival', 'groups', 'lanes', 'Jain', 'worst', 'light p99 s', 'worst', 'use %', 'queue calls'];

const bench = async (): Promise<void> => {
  const rows: (readonly (string | number)[])[] = [HEAD];
  for (const variant of VARIANTS) rows.push(toRow(variant, await runsOf(variant)));
  process.stdout.write(`${renderTable(rows)}\n`);
  // Drains of simulated time are still under way.
  process.exit(0);
};

void bench();
