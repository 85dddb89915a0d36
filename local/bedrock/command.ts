import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { codeOf, UserError } from '../user-error.ts';
import { defaultModelOption, parseModelOption } from './parse-model-option.ts';
import { settingNames } from './simulated-model.ts';
import { type Bedrock, type BedrockOptions, startBedrock } from './start-bedrock.ts';

export interface CommandStreams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

export type CommandEnd =
  | { readonly kind: 'running'; readonly bedrock: Bedrock }
  /** 0 done, 2 for what only the user can mend, 1 for what should not have happened. */
  | { readonly kind: 'ended'; readonly exitCode: 0 | 1 | 2 };

interface Options {
  readonly port: number;
  readonly model: readonly string[];
  readonly seed: number;
  readonly latencyScale: number;
  readonly timeScale: number;
  readonly forward?: string;
  readonly forwardModel?: string;
  readonly json: boolean;
}

const defaultPort = 8_788;

/** `args` are what the user typed, without the program. */
export async function runCommand(args: readonly string[], streams: CommandStreams): Promise<CommandEnd> {
  let bedrock: Bedrock | undefined;
  const command = createCommand(streams, async (options) => {
    bedrock = await start(options, streams);
  });
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    return { kind: 'ended', exitCode: exitCodeOf(error, streams) };
  }
  return bedrock === undefined ? { kind: 'ended', exitCode: 0 } : { kind: 'running', bedrock };
}

function createCommand(streams: CommandStreams, run: (options: Options) => Promise<void>): Command {
  const several = (text: string, before: readonly string[]): readonly string[] => [...before, text];
  return new Command('bedrock-sim')
    .description(
      'A stand-in for the Amazon Bedrock runtime on 127.0.0.1, with its quotas, errors and latency.',
    )
    .configureOutput({ writeOut: streams.out, writeErr: streams.error })
    .exitOverride()
    .addOption(portOption())
    .addOption(
      new Option(
        '--model <id,name=value,...>',
        `a model and its settings (${settingNames.join(', ')}); may be repeated`,
      )
        .argParser(several)
        .default([], defaultModelOption),
    )
    .addOption(
      numberOption('--seed <number>', 'the same seed gives the same answers', {
        least: 0,
        whole: true,
      }).default(1),
    )
    .addOption(
      numberOption('--latency-scale <factor>', '1 answers as slowly as a real model, 0 at once', {
        least: 0,
      }).default(1),
    )
    .addOption(
      numberOption('--time-scale <factor>', 'everything runs so many times faster, quotas included', {
        least: 0.001,
      }).default(1),
    )
    .option('--forward <url>', 'let an OpenAI-compatible server answer, such as http://127.0.0.1:11434/v1')
    .option('--forward-model <name>', 'name of the model there (default: its id here)')
    .option('--json', 'print one line of JSON when everything is ready, and nothing else', false)
    .addHelpText(
      'after',
      '\nChange quotas and faults while it runs, and read what happened, at /_sim/ on the same port.',
    )
    .action(run);
}

function portOption(): Option {
  return new Option('--port <port>', 'port; 0 for any free one').default(defaultPort).argParser((text) => {
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535)
      throw new InvalidArgumentError('It must be a port from 0 to 65535.');
    return port;
  });
}

function numberOption(
  flags: string,
  description: string,
  { least, whole = false }: { readonly least: number; readonly whole?: boolean },
): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    const fits = text.trim() !== '' && Number.isFinite(value) && value >= least;
    if (fits && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number of at least ${least}.`);
  });
}

async function start(options: Options, streams: CommandStreams): Promise<Bedrock> {
  const { port, json } = options;
  const bedrock = await startBedrock({
    ...toBedrockOptions(options),
    onError: (error) => streams.error(`bedrock-sim: ${stackOf(error)}\n`),
  }).catch((error: unknown) => {
    throw codeOf(error) === 'EADDRINUSE'
      ? new UserError(`Port ${port} is taken; choose another with --port, or 0 for any free one.`)
      : error;
  });
  const models = Object.keys(bedrock.truth().models);
  const admin = `${bedrock.endpoint}/_sim/`;
  streams.out(
    json
      ? `${JSON.stringify({ endpoint: bedrock.endpoint, admin, models })}\n`
      : `Bedrock is simulated at ${bedrock.endpoint} (admin ${admin})\n${models.map((id) => `  ${id}\n`).join('')}`,
  );
  return bedrock;
}

function toBedrockOptions(options: Options): BedrockOptions {
  const { port, seed, latencyScale, timeScale, forward, forwardModel } = options;
  const models = options.model.length === 0 ? [defaultModelOption] : options.model;
  if (forwardModel !== undefined && forward === undefined)
    throw new UserError('--forward-model needs --forward.');
  return {
    port,
    models: toModels(models),
    seed,
    latencyScale,
    timeScale,
    ...(forward === undefined ? {} : { forward: { baseUrl: checkLocal(forward), model: forwardModel } }),
  };
}

function toModels(texts: readonly string[]): BedrockOptions['models'] {
  const models = texts.map(parseModelOption);
  const ids = models.map(([id]) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined)
    throw new UserError(`--model names ${twice} twice; give all its settings at once.`);
  return Object.fromEntries(models);
}

const localHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** Prompts stay on this machine. */
function checkLocal(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'http:' && localHosts.includes(url.hostname);
  if (isLocal && `${url.username}${url.password}${url.search}${url.hash}` === '') return text;
  throw new UserError(
    `--forward must be an http URL of a server on this machine, without user, query or fragment, not "${text}".`,
  );
}

function exitCodeOf(error: unknown, streams: CommandStreams): 0 | 1 | 2 {
  // Commander has said what was wrong already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isUsers = error instanceof UserError;
  streams.error(`bedrock-sim: ${isUsers ? error.message : stackOf(error)}\n`);
  return isUsers ? 2 : 1;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
