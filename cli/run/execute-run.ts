import type { Environment } from '../../functions/runtime/environment.ts';
import type { SimulatorSettings } from '../../local/simulator-options.ts';
import { type Local, startLocal } from '../../local/start-local.ts';
import { createApiClient } from '../api-client.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { print } from '../output.ts';
import { pauseFor } from '../pause.ts';
import { markFolder } from './claim-folder.ts';
import { driveRun } from './drive-run.ts';
import { endPipeline, patienceOf } from './end-pipeline.ts';
import { createFailureTally, type Failure, type FailureTally } from './failure-tally.ts';
import { pipelineFor } from './model-service.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { renderCount } from './render-progress.ts';
import { openFileSink, openStreamSink, type ResultSink } from './result-sink.ts';
import type { RunFigures } from './run-figures.ts';
import { openRunJournal, type RunJournal } from './run-journal.ts';
import { StoppedShort } from './stop-signal.ts';
import { createThrottleCounter } from './throttle-counter.ts';

export interface ExecuteOptions {
  readonly run: PreparedRun;
  readonly env: Environment;
  readonly simulator: SimulatorSettings;
  readonly isReset: boolean;
  readonly isOrdered: boolean;
  readonly display: ProgressDisplay;
  readonly signal: AbortSignal;
}

/** Whatever else runs on the machine. */
const FREE_PORTS = { api: 0, cloud: 0, simulator: 0 };

const startPipeline = (options: ExecuteOptions, onLine: (line: string) => void): Promise<Local> => {
  const { run, env, simulator, isReset, display } = options;
  return startLocal({
    settings: run.settings,
    dataDir: run.name.dataDir,
    reset: isReset,
    ports: FREE_PORTS,
    simulator,
    onLine,
    ...pipelineFor(run.service, env),
    onLost: (reason) => {
      display.close();
      display.say(`smoother: the embedded cloud ended by itself (${reason}); the same command goes on.`);
      process.exit(EXIT_CODES.someFailed);
    },
  });
};

const openSink = (
  { name, requests, writer }: PreparedRun,
  journal: RunJournal,
  { beside }: ProgressDisplay,
): ResultSink =>
  name.out === null
    ? openStreamSink(requests, writer, (text) => beside(() => print(text)))
    : openFileSink(name.out, { requests, writer, journal });

export interface RunOutcome extends RunFigures {
  /** Of those whose results came this time. */
  readonly failures: readonly Failure[];
}

const tallied = (sink: ResultSink, tally: FailureTally): ResultSink => ({
  ...sink,
  write: (results) => {
    tally.note(results.map(({ result }) => result));
    sink.write(results);
  },
});

const drive = async (options: ExecuteOptions, api: string, throttles: () => number): Promise<RunOutcome> => {
  const { run, isOrdered, display, signal } = options;
  markFolder(run.name.dataDir, run.service);
  const journal = openRunJournal(run.name, Date.now());
  const tally = createFailureTally();
  const sink = tallied(openSink(run, journal, display), tally);
  try {
    if (journal.isResumed)
      display.say(
        run.name.out === null
          ? 'Going on with an earlier run: what it has answered is not asked again.'
          : `Going on with an earlier run: ${renderCount(sink.written.size)} results are there already.`,
      );
    const figures = await driveRun({
      api: createApiClient({ endpoint: api }),
      chunks: run.chunks,
      journal,
      sink,
      display,
      isOrdered,
      throttles,
      signal,
      nowMs: Date.now,
    });
    journal.noteEnd({ succeeded: figures.succeeded, failed: figures.failed });
    return { ...figures, failures: tally.failures() };
  } finally {
    sink.close();
  }
};

const end = async (local: Local, { run, display, signal }: ExecuteOptions): Promise<void> => {
  display.close();
  if (!signal.aborted) return local.stop();
  const patienceMs = patienceOf(run.service);
  const hasEnded = await endPipeline({
    stop: local.stop,
    patienceMs,
    pause: pauseFor,
    onWaiting: () =>
      display.say(
        `smoother: waiting up to ${patienceMs / 1000} s for the answers under way, so that nothing is asked twice; Ctrl+C again stops at once.`,
      ),
  });
  if (!hasEnded) throw new StoppedShort();
};

/** Starts the pipeline, has everything answered, and ends it again; what is in flight is finished first, if that is soon. */
export const executeRun = async (options: ExecuteOptions): Promise<RunOutcome> => {
  const { onLine, count } = createThrottleCounter();
  const local = await startPipeline(options, onLine);
  try {
    return await drive(options, local.ready.api, count);
  } finally {
    await end(local, options);
  }
};
