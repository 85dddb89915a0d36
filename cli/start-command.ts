import { Command, InvalidArgumentError, Option } from 'commander';
import { processEnvironment } from '../functions/runtime/environment.ts';
import { parseSimulatorOptions, SIMULATOR_OPTIONS } from '../local/simulator-options.ts';
import { type Local, type LocalOptions, startLocal } from '../local/start-local.ts';
import { UserError } from '../local/user-error.ts';
import { renderBanner } from './banner.ts';
import { createPalette } from './colour.ts';
import { DEFAULT_PORTS } from './default-ports.ts';
import { readSettings, toLocalAccess } from './read-settings.ts';

interface StartOptions {
  readonly json?: true;
  readonly data: string;
  readonly reset?: true;
  readonly requireKeys?: true;
  readonly port: number;
  readonly cloudPort?: number;
  readonly simulatorPort?: number;
  readonly context: readonly string[];
  readonly simulator: readonly string[];
  readonly processes: 'few' | 'split';
  readonly drains?: number;
}

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
};

const parseDrains = (text: string): number => {
  const drains = Number(text);
  if (!/^\d$/.test(text) || drains < 1) throw new InvalidArgumentError('It must be a number from 1 to 9.');
  return drains;
};

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** With any free port for the API, the others are free ones too, unless they are named. */
const portsOf = ({ port, cloudPort, simulatorPort }: StartOptions) => ({
  api: port,
  cloud: cloudPort ?? (port === 0 ? 0 : DEFAULT_PORTS.cloud),
  simulator: simulatorPort ?? (port === 0 ? 0 : DEFAULT_PORTS.simulator),
});

/** A reader of standard output may stop reading: that is no reason to stop working. */
const tolerateClosedOutput = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
};

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** A stop without calls in flight is done sooner, and needs no words. */
const SAY_AFTER_MS = 1500;

/** The first signal lets running calls finish; a second one does not wait. */
const stopOnSignal = (local: () => Local | undefined): void => {
  let stopping = false;
  const stop = (): void => {
    if (stopping) {
      say('smoother: stopped at once; what was accepted is kept.');
      process.exit(130);
    }
    stopping = true;
    const running = local();
    if (running === undefined) process.exit(0);
    const patience = setTimeout(
      () => say('smoother: finishing the calls in flight; Ctrl+C again stops at once.'),
      SAY_AFTER_MS,
    );
    running.stop().then(
      () => {
        clearTimeout(patience);
        process.exit(0);
      },
      (error: unknown) => {
        say(`smoother: not stopped cleanly: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
};

const splitOf = ({ processes, drains }: StartOptions): Pick<LocalOptions, 'split'> => {
  if (processes === 'split')
    return { split: { drains: drains ?? 1, say: (sentence) => say(`smoother: ${sentence}`) } };
  if (drains !== undefined) throw new UserError('--drains needs --processes split.');
  return {};
};

const start = async (options: StartOptions): Promise<void> => {
  tolerateClosedOutput();
  let local: Local | undefined;
  stopOnSignal(() => local);
  const settings = toLocalAccess(
    await readSettings(process.cwd(), options.context),
    options.requireKeys === true,
  );
  local = await startLocal({
    settings,
    env: processEnvironment(),
    dataDir: options.data,
    reset: options.reset === true,
    ports: portsOf(options),
    simulator: parseSimulatorOptions(options.simulator),
    ...splitOf(options),
    onLost: (reason) => {
      say(`smoother: the embedded cloud ended by itself (${reason}); stopping.`);
      process.exit(1);
    },
  });
  const env = processEnvironment();
  const colours = process.stdout.isTTY === true && (env.NO_COLOR ?? '') === '';
  process.stdout.write(
    options.json === true ? `${JSON.stringify(local.ready)}\n` : renderBanner(local, createPalette(colours)),
  );
};

export const createStartCommand = (): Command =>
  new Command('start')
    .description('Run the whole pipeline on this machine.')
    .option('--json', 'print one line of JSON when everything is ready, and nothing else')
    .option('--data <dir>', 'folder of all state', '.smoother')
    .option('--reset', 'begin with an empty data folder')
    .option('--require-keys', 'ask callers of the API for keys, which `smoother keys` makes')
    .addOption(
      new Option('--port <port>', 'port of the API; 0 for any free one, of the others too')
        .argParser(parsePort)
        .default(DEFAULT_PORTS.api),
    )
    .addOption(
      new Option(
        '--cloud-port <port>',
        `port of SQS, DynamoDB and S3 (default: ${DEFAULT_PORTS.cloud})`,
      ).argParser(parsePort),
    )
    .addOption(
      new Option(
        '--simulator-port <port>',
        `port of the simulated Bedrock (default: ${DEFAULT_PORTS.simulator})`,
      ).argParser(parsePort),
    )
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
    .addOption(
      new Option(
        '--processes <how>',
        'few: the functions in one, the services in another; split: one for each',
      )
        .choices(['few', 'split'])
        .default('few'),
    )
    .addOption(
      new Option(
        '--drains <count>',
        'split: processes of the prioritization function (default: 1)',
      ).argParser(parseDrains),
    )
    .action(start);
