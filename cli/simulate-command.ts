import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Algorithm, algorithms } from '../local/bedrock/quota/dimension.ts';
import { constantly } from '../local/bedrock/quota/timeline.ts';
import { UserError } from '../local/user-error.ts';
import { GOVERNOR_ALGORITHMS, type GovernorAlgorithm } from '../shared/core/governor/governor-view.ts';
import { readTrace } from './simulate/read-trace.ts';
import { renderReport, renderTable } from './simulate/render-report.ts';
import { renderSvg } from './simulate/render-svg.ts';
import { meanFigures, missedGates, SCENARIOS } from './simulate/scenarios.ts';
import type { PoolSetup } from './simulate/simulate-pool.ts';
import type { SimulatedRequest } from './simulate/simulated-request.ts';
import { createTraffic } from './simulate/synthetic-traffic.ts';
import { adviceOf, answerWhatIf } from './simulate/what-if.ts';

interface SimulateOptions {
  readonly trace?: string;
  readonly requests: number;
  readonly rate: number;
  readonly tpm: number;
  readonly rpm?: number;
  readonly tpd?: number;
  readonly burndown: number;
  readonly concurrency: number;
  readonly service: Algorithm;
  readonly burst: number;
  readonly governor: GovernorAlgorithm;
  readonly explore: number;
  readonly available: number;
  readonly priceInput: number;
  readonly priceOutput: number;
  readonly seed?: string;
  readonly json?: true;
  readonly svg?: string;
  readonly scenarios?: true;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

const notNegative = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be a number, 0 or more.');
  return value;
};

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const readFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`The trace ${path} cannot be read: ${(error as Error).message}.`);
  }
};

/** A fifth of it urgent, half of it in bulk, from four tenants. */
const synthetic = ({ requests, rate }: SimulateOptions, seed: string): readonly SimulatedRequest[] => {
  const part = (share: number) => ({
    seed,
    count: Math.max(1, Math.round(requests * share)),
    perSecond: rate * share,
  });
  return [
    createTraffic({ ...part(0.2), tenant: 'chat', priority: 'high' }),
    createTraffic({ ...part(0.3), tenant: 'app', priority: 'normal' }),
    createTraffic({ ...part(0.25), tenant: 'batch-a', priority: 'low' }),
    createTraffic({ ...part(0.25), tenant: 'batch-b', priority: 'low' }),
  ].flat();
};

const toSetup = (options: SimulateOptions, seed: string): PoolSetup => ({
  seed,
  traffic: options.trace === undefined ? synthetic(options, seed) : readTrace(readFile(options.trace)),
  quota: {
    tokensPerMinute: options.tpm,
    requestsPerMinute: options.rpm,
    tokensPerDay: options.tpd,
    algorithm: options.service,
    burstSeconds: options.burst,
  },
  burndown: options.burndown,
  maxConcurrent: options.concurrency,
  algorithm: options.governor,
  exploreLimit: options.explore,
  supply: { multiplier: constantly(options.available), othersShare: constantly(0) },
});

const SEEDS = 5;

const runScenarios = (seed: string, asJson: boolean): void => {
  const rows = SCENARIOS.map((scenario) => {
    const runs = Array.from({ length: SEEDS }, (_, index) => scenario.run(`${seed}-${index}`));
    const figures = meanFigures(runs);
    return { scenario: scenario.name, figures, missed: missedGates(scenario, figures) };
  });
  if (asJson) {
    say(JSON.stringify({ seed, seeds: SEEDS, rows }, null, 2));
    return;
  }
  const cells = rows.map(({ scenario, figures, missed }) => [
    scenario,
    Object.entries(figures)
      .map(([figure, value]) => `${figure} ${Number(value.toFixed(3))}`)
      .join(', '),
    missed.length === 0 ? '' : `MISSED: ${missed.join('; ')}`,
  ]);
  say(cells.map((row) => row.filter((cell) => cell !== '').join('\n    ')).join('\n'));
  say(
    `\n${renderTable([
      ['seed', seed],
      ['runs of each', SEEDS],
    ])}`,
  );
};

const simulate = (options: SimulateOptions): void => {
  const seed = options.seed ?? randomUUID().slice(0, 8);
  if (options.scenarios === true) {
    runScenarios(seed, options.json === true);
    return;
  }
  const prices = { input: options.priceInput, output: options.priceOutput };
  const { report, result } = answerWhatIf(toSetup(options, seed), prices);
  if (options.json === true) say(JSON.stringify({ seed, ...report, advice: adviceOf(report) }, null, 2));
  else say(`${renderReport(report)}\n\nseed ${seed}`);
  if (options.svg !== undefined) writeFileSync(options.svg, renderSvg(result));
};

/** What a quota does with a traffic: the production governor and scheduler in virtual time. */
export const createSimulateCommand = (): Command =>
  new Command('simulate')
    .description('Answer "what if" in virtual time: waits, use of the quota, throttles, cost.')
    .option('--trace <file>', 'traffic as JSON Lines instead of a synthetic one')
    .option('--requests <n>', 'synthetic requests', positive, 10_000)
    .option('--rate <n>', 'synthetic requests a second; 0 is all at once', notNegative, 8)
    .option('--tpm <n>', 'tokens a minute', positive, 2_000_000)
    .option('--rpm <n>', 'requests a minute, where they are limited', positive)
    .option('--tpd <n>', 'tokens a day, where they are limited', positive)
    .option('--burndown <n>', 'quota tokens for an output token', positive, 5)
    .option('--concurrency <n>', 'most calls at once', positive, 700)
    .addOption(
      new Option('--service <algorithm>', 'how the service counts').choices(algorithms).default('bucket'),
    )
    .option('--burst <seconds>', 'what the service’s bucket stores', positive, 60)
    .addOption(
      new Option('--governor <algorithm>', 'which governor').choices(GOVERNOR_ALGORITHMS).default('hybrid'),
    )
    .option('--explore <factor>', 'largest multiple of the configured quota to try', positive, 1)
    .option('--available <share>', 'of the quota, when others use the rest', positive, 1)
    .option('--price-input <usd>', 'US dollars for a million input tokens', notNegative, 1.1)
    .option('--price-output <usd>', 'US dollars for a million output tokens', notNegative, 5.5)
    .option('--seed <text>', 'repeats a run exactly')
    .option('--scenarios', 'run the scenarios behind docs/performance.md instead')
    .option('--svg <file>', 'draw use and waiting requests over time')
    .option('--json', 'everything as JSON')
    .action(simulate);
