import { Command, InvalidArgumentError, Option } from 'commander';
import { silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import { PART_NAMES, PARTS, type PartName, type PartReport } from './parts.ts';
import { writePlot } from './plots/write-plots.ts';

interface Options {
  readonly only?: PartName;
  readonly quick: boolean;
  readonly seed: string;
  readonly requests: number;
  readonly profile: boolean;
  readonly rates: readonly number[];
  readonly who: string;
  readonly keep?: string;
  readonly plots?: string;
  readonly json: boolean;
}

/** One line that changes at a terminal, and a line each elsewhere. */
const say = (text: string): void => {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
};

const tell = (reports: Readonly<Record<string, PartReport>>, { json, seed, quick }: Options): void => {
  say('');
  if (json) {
    const found = Object.entries(reports).map(([name, report]) => [name, report.json] as const);
    const header = { node: process.version, seed, quick };
    process.stdout.write(`${JSON.stringify({ ...header, ...Object.fromEntries(found) })}\n`);
    return;
  }
  for (const { table } of Object.values(reports)) process.stdout.write(`${table}\n\n`);
};

const bench = async (options: Options): Promise<void> => {
  silenceSdkNodeWarning();
  const reports: Record<string, PartReport> = {};
  for (const name of options.only === undefined ? PART_NAMES : [options.only]) {
    const report = await PARTS[name]({ ...options, say });
    reports[name] = report;
    for (const [picture, drawn] of Object.entries(report.pictures))
      if (options.plots !== undefined) await writePlot(options.plots, picture, drawn);
  }
  tell(reports, options);
  const faults = Object.values(reports).flatMap((report) => report.faults);
  for (const fault of faults) process.stderr.write(`bench: ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
};

const parseCount = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 10)
    throw new InvalidArgumentError('It must be a whole number of at least 10.');
  return count;
};

const parseRates = (text: string): readonly number[] => text.split(',').map(parseCount);

void new Command('bench')
  .description('us beside what people would use instead: the same requests, the same simulated service')
  .addOption(new Option('--only <part>', 'one part of it').choices(PART_NAMES))
  .option('--quick', 'fewer requests: to see that it works, not for figures', false)
  .option('--seed <text>', 'of the requests and of all chance', '2026')
  .option('--requests <count>', 'of each door of the pipeline', parseCount, 2000)
  .option('--profile', 'what each part of the pipeline costs a request', false)
  .option('--rates <list>', 'requests a minute over sockets, with commas', parseRates, [600, 6000, 12_000])
  .option('--who <text>', 'over sockets only those whose name has it', '')
  .option(
    '--keep <folder>',
    'keep there what was measured over sockets, and do not measure again what it has',
  )
  .option('--plots <folder>', 'write the plots there, as SVG and PNG')
  .option('--json', 'one line of JSON instead of tables', false)
  .action(bench)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`bench: ${(error as Error).stack}\n`);
    process.exitCode = 1;
  });
