import { Command, InvalidArgumentError, Option } from 'commander';
import { processEnvironment } from '../functions/runtime/environment.ts';
import { parseSimulatorOptions, SIMULATOR_OPTIONS } from '../local/simulator-options.ts';
import { UserError } from '../local/user-error.ts';
import { exit } from './exit.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { INPUT_FORMATS, RESULT_FORMATS } from './input/formats.ts';
import { addInputOptions, positiveInteger } from './input-options.ts';
import { paletteFor, printJson, say, tolerateClosedOutput } from './output.ts';
import { readSettings } from './read-settings.ts';
import { checkService } from './run/check-service.ts';
import { checkFolder, checkOutFile, isAllWritten, isSameFile } from './run/claim-folder.ts';
import { executeRun, type RunOutcome } from './run/execute-run.ts';
import { renderFailures } from './run/failure-tally.ts';
import { describeService, MODEL_SERVICES } from './run/model-service.ts';
import { type PreparedRun, type PrepareOptions, prepareRun } from './run/prepare-run.ts';
import { createDisplay } from './run/progress-display.ts';
import { readPrompts } from './run/read-prompts.ts';
import { renderRequests, renderSummary } from './run/render-progress.ts';
import type { RunEnd } from './run/run-journal.ts';
import { ASKED_AGAIN, Interrupted, listenForStop, StoppedShort } from './run/stop-signal.ts';

interface RunOptions extends PrepareOptions {
  readonly ordered?: true;
  readonly json?: true;
  readonly context: readonly string[];
  readonly simulator: readonly string[];
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** What a laptop holds with ease; the drain starts no more than the quota has work for. */
const DEFAULT_CONCURRENCY = 100;

const parseConcurrency = (text: string): number => {
  const most = 700;
  const value = positiveInteger(text);
  if (value > most) throw new InvalidArgumentError(`It must be at most ${most}.`);
  return value;
};

const exitCodeOf = ({ failed }: RunEnd): number => (failed > 0 ? EXIT_CODES.someFailed : EXIT_CODES.ok);

const announce = (run: PreparedRun): void => {
  const { path, requests, inputFormat, isDetected, service } = run;
  const found = isDetected ? '; --input-format says otherwise' : '';
  say(`${path}: ${renderRequests(requests.length)} (${INPUT_FORMATS[inputFormat]}${found}).`);
  say(describeService(service));
};

const summaryOf = ({ name, service }: PreparedRun, figures: RunOutcome) => ({
  total: figures.total,
  succeeded: figures.succeeded,
  failed: figures.failed,
  failures: figures.failures,
  input_tokens: figures.inputTokens,
  output_tokens: figures.outputTokens,
  cost_usd: figures.costUsd,
  throttles: figures.throttles,
  elapsed_ms: figures.elapsedMs,
  model_service: service.kind,
  out: name.out,
});

const run = async (run: PreparedRun, options: RunOptions): Promise<number> => {
  const stop = listenForStop(EXIT_CODES.interrupted);
  const display = createDisplay({
    stream: process.stderr,
    palette: paletteFor(process.stderr),
    nowMs: Date.now,
  });
  try {
    const figures = await executeRun({
      run,
      env: processEnvironment(),
      simulator: parseSimulatorOptions(options.simulator),
      isReset: options.reset === true,
      isOrdered: options.ordered === true,
      display,
      signal: stop.signal,
    });
    say(renderSummary(figures));
    if (figures.failures.length > 0) say(renderFailures(figures.failures));
    if (run.name.out !== null) say(`The results are in ${options.out}.`);
    if (options.json === true) printJson(summaryOf(run, figures));
    return exitCodeOf(figures);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    say(
      error instanceof StoppedShort
        ? `smoother: interrupted; ${ASKED_AGAIN}`
        : 'smoother: interrupted; the same command goes on from here, and nothing is paid for twice.',
    );
    return EXIT_CODES.interrupted;
  } finally {
    stop.release();
  }
};

const start = async (path: string, options: RunOptions): Promise<void> => {
  tolerateClosedOutput();
  if (options.json === true && options.out === undefined)
    throw new UserError(
      '--json prints a summary on standard output, where the results go; name a file with --out.',
    );
  if (options.out !== undefined && isSameFile(path, options.out))
    throw new UserError(`${path} cannot be the file of results too; name another with --out.`);
  const settings = await readSettings(process.cwd(), options.context);
  const nowMs = Date.now();
  const prepared = prepareRun({ path, text: readPrompts(path) }, options, {
    settings,
    env: processEnvironment(),
    nowMs,
  });
  const { name, service } = prepared;
  announce(prepared);
  const isReset = options.reset === true;
  const ended = isReset ? undefined : isAllWritten(name, nowMs);
  if (ended !== undefined) {
    say(
      `All of it is answered already: ${ended.succeeded} done, ${ended.failed} failed, in ${options.out}. --reset begins anew.`,
    );
    return exit(exitCodeOf(ended));
  }
  if (!isReset) checkFolder(name.dataDir, service);
  checkOutFile(name, isReset, nowMs);
  await checkService({ service, region: settings.aws_region, env: processEnvironment() });
  await exit(await run(prepared, options));
};

export const createRunCommand = (): Command =>
  addInputOptions(
    new Command('run')
      .description('Have a file of prompts answered, with nothing running but this command.')
      .argument('<file>', 'the prompts; - is standard input')
      .option('--out <file>', 'the results; without it they go to standard output'),
  )
    .addOption(
      new Option('--format <format>', 'what the results are written in; same: as the input')
        .choices(RESULT_FORMATS)
        .default('jsonl'),
    )
    .option('--ordered', 'results in the order of the requests, not as they end')
    .addOption(
      new Option('--model-service <service>', 'who answers').choices(MODEL_SERVICES).default('simulator'),
    )
    .option('--base-url <url>', 'of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1')
    .option('--concurrency <n>', 'most calls at once', parseConcurrency, DEFAULT_CONCURRENCY)
    .option('--data <dir>', 'folder of all state (default: .smoother, .smoother-aws or .smoother-openai)')
    .option('--reset', 'begin anew: forget what the data folder holds')
    .option('--json', 'print a summary as one line of JSON; needs --out')
    .addOption(
      new Option('--context <name=json>', 'replace a setting of cdktf.json for this run; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--simulator <name=value>',
        `how the simulated Bedrock behaves (${Object.keys(SIMULATOR_OPTIONS).join(', ')}); may be repeated`,
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addHelpText(
      'after',
      '\nThe same command goes on where an earlier one was interrupted.\nExit codes: 0 all answered, 1 some failed, 2 usage, 3 requests with faults, 130 interrupted.',
    )
    .action(start);
