import { Command, InvalidArgumentError, Option } from 'commander';
import { mean } from '../../cli/simulate/percentile.ts';
import { renderTable } from '../../cli/simulate/render-report.ts';
import { type LanesFigures, type LanesOptions, runLanes } from '../simulation/lanes/run-lanes.ts';

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return Number(text);
};

interface LanesBench {
  readonly scale: number;
  readonly seeds: number;
  readonly lanes?: '9' | '3';
  readonly seconds: number;
}

type Variant = Pick<LanesOptions, 'arrival' | 'fairness' | 'lanes'>;

const variantsOf = (only: number | undefined): readonly Variant[] =>
  (['streams', 'loads'] as const).flatMap((arrival) =>
    (['off', 'aws-thresholds'] as const).flatMap((fairness) =>
      ([9, 3] as const)
        .filter((lanes) => only === undefined || lanes === only)
        .map((lanes) => ({ arrival, fairness, lanes })),
    ),
  );

const runsOf = async (
  variant: Variant,
  { seeds, scale, seconds }: LanesBench,
): Promise<readonly LanesFigures[]> => {
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

const bench = async (options: LanesBench): Promise<void> => {
  const rows: (readonly (string | number)[])[] = [HEAD];
  const only = options.lanes === undefined ? undefined : Number(options.lanes);
  for (const variant of variantsOf(only)) rows.push(toRow(variant, await runsOf(variant, options)));
  process.stdout.write(`${renderTable(rows)}\n`);
  // Drains of simulated time are still under way.
  process.exit(0);
};

new Command('bench:lanes')
  .description('nine lanes against three: how evenly tenants are served, in virtual time')
  .option('--scale <share>', 'of 2,000,000 tokens a minute', positive, 1)
  .option('--seeds <n>', 'runs of each', whole, 5)
  .addOption(new Option('--lanes <n>', 'only these (default: both)').choices(['9', '3']))
  .option('--seconds <n>', 'of simulated time', positive, 240)
  .action(bench)
  .parse();
