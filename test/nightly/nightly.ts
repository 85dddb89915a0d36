import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import type { Part, UnitReport } from './part.ts';
import { PARTS, type PartName } from './parts.ts';
import { createProgressBar } from './progress-bar.ts';
import { renderUnits } from './render.ts';
import { exitCodeOf, leftOf, nextUnit, type RunState } from './run-state.ts';

interface Arguments {
  readonly part: PartName;
  readonly resume: boolean;
  readonly folder: string;
  readonly minutes: number;
  readonly set: readonly (readonly [string, number])[];
  readonly json: boolean;
}

const MOST_MINUTES = 45;
const STATE = 'state.json';

const readState = async (folder: string): Promise<RunState | undefined> => {
  try {
    return JSON.parse(await readFile(join(folder, STATE), 'utf8')) as RunState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Whoever reads it sees the state before or after, never half of it. */
const writeState = async (folder: string, state: RunState): Promise<void> => {
  await writeFile(join(folder, `${STATE}.new`), `${JSON.stringify(state, null, 2)}\n`);
  await rename(join(folder, `${STATE}.new`), join(folder, STATE));
};

const toOptions = ({ part, set }: Arguments): RunState['options'] => {
  const { options } = PARTS[part];
  for (const [name] of set)
    if (!(name in options))
      throw new Error(`${part} has no ${name}; it has ${Object.keys(options).join(', ')}.`);
  return { ...options, ...Object.fromEntries(set) };
};

const begin = async (args: Arguments, folder: string): Promise<RunState> => {
  const state = await readState(folder);
  if (args.resume && state === undefined)
    throw new Error(`There is nothing to go on with in ${folder}; leave --resume out to begin.`);
  if (args.resume && args.set.length > 0)
    throw new Error('A run goes on as it was begun; leave --set out, or --resume.');
  if (args.resume && state !== undefined) return state;
  const options = toOptions(args);
  const { units } = PARTS[args.part].create(options);
  if (state !== undefined && state.reports.length > 0 && leftOf(units, state).length > 0)
    throw new Error(
      `A run in ${folder} is not done: --resume goes on with it; remove the folder to begin anew.`,
    );
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  await mkdir(folder, { recursive: true });
  const fresh: RunState = { part: args.part, options, reports: [] };
  await writeState(folder, fresh);
  return fresh;
};

const runUnit = async (part: Part, unit: string, folder: string, state: RunState): Promise<UnitReport> => {
  const bar = createProgressBar(`${state.part}, ${unit}`);
  try {
    return await part.run(unit, { folder, earlier: state.reports, show: bar.show });
  } finally {
    bar.end();
  }
};

const tell = (state: RunState, left: readonly string[], json: boolean): void => {
  if (json) process.stdout.write(`${JSON.stringify({ node: process.version, ...state, left })}\n`);
  else process.stdout.write(`${renderUnits(state.reports)}\n`);
  for (const { unit, faults } of state.reports)
    for (const fault of faults) process.stderr.write(`nightly: ${unit}: ${fault}\n`);
  if (left.length > 0)
    process.stderr.write(
      `nightly: to go on: npm run nightly -- --part ${state.part} --resume (left: ${left.join(', ')})\n`,
    );
};

const nightly = async (args: Arguments): Promise<void> => {
  silenceSdkNodeWarning();
  const folder = join(args.folder, args.part);
  let state = await begin(args, folder);
  const part = PARTS[args.part].create(state.options);
  const startedAtMs = performance.now();
  // The first is begun in any case: it is what this invocation is for.
  for (let unit = leftOf(part.units, state)[0]; unit !== undefined; ) {
    const report = await runUnit(part, unit, folder, state);
    state = { ...state, reports: [...state.reports, report] };
    await writeState(folder, state);
    unit = nextUnit(leftOf(part.units, state), {
      spentMinutes: (performance.now() - startedAtMs) / 60_000,
      mostMinutes: args.minutes,
      mostMinutesEach: part.mostMinutesEach,
    });
  }
  tell(state, leftOf(part.units, state), args.json);
  process.exitCode = exitCodeOf(part.units, state);
};

const parseMinutes = (text: string): number => {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= 600))
    throw new InvalidArgumentError('It must be a number of minutes, at most 600.');
  return minutes;
};

const parseSetting = (
  text: string,
  before: readonly (readonly [string, number])[],
): readonly (readonly [string, number])[] => {
  const [, name = '', number = ''] = /^([a-z_]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('It must be a name and a number, such as requests=1000.');
  return [...before, [name, Number(number)]];
};

void new Command('nightly')
  .description(
    'long runs, in parts that can be gone on with; exit code 3: sound so far, and --resume goes on',
  )
  .addOption(new Option('--part <name>', 'which').choices(Object.keys(PARTS)).makeOptionMandatory())
  .option('--resume', 'goes on where the last invocation ended', false)
  .option('--folder <path>', 'where what was done is kept', '.nightly')
  .option('--minutes <minutes>', 'begins nothing that may not end in so many', parseMinutes, MOST_MINUTES)
  .option('--set <name=number>', 'something else than the default of the part', parseSetting, [])
  .option('--json', 'one line of JSON instead of a table', false)
  .action(nightly)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`nightly: ${(error as Error).message}\n`);
    process.exitCode = 2;
  });
