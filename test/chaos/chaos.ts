import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { silenceSdkNodeWarning } from '../../functions/runtime/environment.ts';
import { checkEvidence } from './check.ts';
import { createProgress } from './progress.ts';
import { renderFailure, renderReport, toReport } from './report.ts';
import { runChaos } from './run-chaos.ts';

interface ChaosArguments {
  readonly seed: number;
  readonly minutes: number;
  readonly requests?: number;
  readonly json: boolean;
  readonly keep: boolean;
}

const REQUESTS_PER_MINUTE = 1_000;

const parseWhole = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
};

const parseMinutes = (text: string): number => {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= 600))
    throw new InvalidArgumentError('It must be a number of minutes, at most 600.');
  return minutes;
};

const chaos = async (args: ChaosArguments): Promise<void> => {
  silenceSdkNodeWarning();
  const { seed, minutes, json } = args;
  const durationMs = minutes * 60_000;
  const requests = args.requests ?? Math.round(minutes * REQUESTS_PER_MINUTE);
  const folder = await mkdtemp(join(tmpdir(), `smoother-chaos-${seed}-`));
  const progress = createProgress(durationMs, requests);
  const run = await runChaos({
    ...{ seed, durationMs, requests },
    dataDir: join(folder, 'data'),
    onProgress: progress.show,
  });
  progress.end();
  await writeFile(join(folder, 'evidence.json'), JSON.stringify(run.evidence));
  const violations = checkEvidence(run.evidence);
  const report = toReport({ seed, requests, durationMs }, run, violations);
  process.stdout.write(`${json ? JSON.stringify(report) : renderReport(report)}\n`);
  if (violations.length > 0) {
    const again = `npm run chaos -- --seed ${seed} --minutes ${minutes} --requests ${requests}`;
    process.stderr.write(`${renderFailure(run, violations, again)}\nEvidence and logs: ${folder}\n`);
    process.exitCode = 1;
  } else if (args.keep) process.stderr.write(`Evidence and logs: ${folder}\n`);
  else await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
};

void new Command('chaos')
  .description('The local system under kills, pauses and faults, with every promise checked from outside.')
  .option('--seed <number>', 'what befalls it, and what clients send, follows from it', parseWhole, 1)
  .option('--minutes <minutes>', 'how long it is disturbed', parseMinutes, 3)
  .option('--requests <count>', 'requests in that time (default: 1,000 a minute)', parseWhole)
  .option('--json', 'one line of JSON on standard output', false)
  .option('--keep', 'keep the data folder also when nothing was wrong', false)
  .action(chaos)
  .parseAsync();
