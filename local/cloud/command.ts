import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { codeOf, UserError } from '../user-error.ts';
import { DEFAULT_FAIRNESS, FAIRNESS_MODES, type FairnessMode } from './sqs/fair-order.ts';
import { type Cloud, DEFAULT_ACCOUNT_ID, startCloud } from './start-cloud.ts';

export interface CommandStreams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

export type CommandEnd =
  | { readonly kind: 'running'; readonly cloud: Cloud }
  /** 0 done, 2 for what only the user can mend, 1 for what should not have happened. */
  | { readonly kind: 'ended'; readonly exitCode: 0 | 1 | 2 };

interface Options {
  readonly data: string;
  readonly port: number;
  readonly region: string;
  readonly account: string;
  readonly fairness: FairnessMode;
  readonly lossyAbort: boolean;
  readonly json: boolean;
}

const DEFAULT_PORT = 4_566;
const DEFAULT_FOLDER = '.cloud';
const DEFAULT_REGION = 'us-east-1';
/** What a cloud keeps in its folder. A folder with anything else is somebody else's. */
const PARTS = ['cloud', 'dynamodb', 'messages', 'objects'];

/** `args` are what the user typed, without the program. */
export async function runCommand(args: readonly string[], streams: CommandStreams): Promise<CommandEnd> {
  let cloud: Cloud | undefined;
  const command = createCommand(streams, async (options) => {
    cloud = await start(options, streams);
  });
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    return { kind: 'ended', exitCode: exitCodeOf(error, streams) };
  }
  return cloud === undefined ? { kind: 'ended', exitCode: 0 } : { kind: 'running', cloud };
}

function createCommand(streams: CommandStreams, run: (options: Options) => Promise<void>): Command {
  return new Command('cloud')
    .description('SQS, SNS, S3 and DynamoDB on one port of 127.0.0.1, kept on disk.')
    .configureOutput({ writeOut: streams.out, writeErr: streams.error })
    .exitOverride()
    .option('--data <folder>', 'where everything is kept', DEFAULT_FOLDER)
    .addOption(
      new Option('--port <port>', 'port; 0 for any free one').default(DEFAULT_PORT).argParser(parsePort),
    )
    .addOption(
      matching('--region <name>', 'in ARNs, and of buckets', {
        pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
        meaning: `an AWS region such as ${DEFAULT_REGION}`,
      }).default(DEFAULT_REGION),
    )
    .addOption(
      matching('--account <id>', 'twelve digits, in ARNs', {
        pattern: /^\d{12}$/,
        meaning: 'twelve digits',
      }).default(DEFAULT_ACCOUNT_ID),
    )
    .addOption(
      new Option('--fairness <mode>', 'whose message is next, by MessageGroupId')
        .choices(FAIRNESS_MODES)
        .default(DEFAULT_FAIRNESS),
    )
    .option('--lossy-abort', 'a poller that has gone may keep a message until its visibility ends', false)
    .option('--json', 'print one line of JSON when everything is ready, and nothing else', false)
    .addHelpText(
      'after',
      '\nSettings and the outbox of emails are at /_cloud/ on the same port. docs/local-cloud.md has the rest.',
    )
    .action(run);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

interface Form {
  readonly pattern: RegExp;
  readonly meaning: string;
}

function matching(flags: string, description: string, { pattern, meaning }: Form): Option {
  return new Option(flags, description).argParser((text) => {
    if (pattern.test(text)) return text;
    throw new InvalidArgumentError(`It must be ${meaning}.`);
  });
}

async function start(options: Options, streams: CommandStreams): Promise<Cloud> {
  const { port, region, account, fairness, lossyAbort, json } = options;
  const data = resolve(options.data);
  await refuseStrangers(data);
  const settings = { fairness, lossyAbort };
  const cloud = await startCloud({ dataDir: data, port, region, accountId: account, settings }).catch(
    (error: unknown) => {
      throw toUserError(error, port, data) ?? error;
    },
  );
  const admin = `${cloud.endpoint}/_cloud/`;
  streams.out(
    json
      ? `${JSON.stringify({ endpoint: cloud.endpoint, admin, region, account, data })}\n`
      : `SQS, SNS, S3 and DynamoDB are at ${cloud.endpoint} (admin ${admin}, data in ${data})\n` +
          `  export AWS_ENDPOINT_URL=${cloud.endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}\n` +
          '  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n',
  );
  return cloud;
}

/** Starting removes files of objects that nobody names, which must not be those of another program. */
async function refuseStrangers(data: string): Promise<void> {
  const names = await readdir(data).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw cannotUse(data, error);
  });
  const strange = names.find((name) => !PARTS.includes(name));
  if (strange === undefined) return;
  throw new UserError(
    `The folder ${data} holds "${strange}", which is no cloud's; name an empty or a new folder with --data.`,
  );
}

function toUserError(error: unknown, port: number, data: string): UserError | undefined {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new UserError(`Port ${port} is taken; choose another with --port, or 0 for any free one.`);
    case 'LEVEL_DATABASE_NOT_OPEN':
      return new UserError(
        `The folder ${data} is in use by another cloud; stop that one, or choose another with --data.`,
      );
    case 'DAMAGED_DATA':
    case 'DAMAGED_MESSAGE_LOG':
      return new UserError(error instanceof Error ? error.message : String(error));
    case 'EACCES':
      return /listen/.test(String(error))
        ? new UserError(`Port ${port} may not be used; choose one above 1023 with --port.`)
        : cannotUse(data, error);
    case 'ENOTDIR':
    case 'ENOENT':
    case 'ENOSPC':
    case 'EROFS':
      return cannotUse(data, error);
    default:
      return undefined;
  }
}

function cannotUse(data: string, error: unknown): UserError {
  return new UserError(`The folder ${data} cannot be used: ${(error as Error).message}.`);
}

function exitCodeOf(error: unknown, streams: CommandStreams): 0 | 1 | 2 {
  // Commander has said what was wrong already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isUsers = error instanceof UserError;
  streams.error(`cloud: ${isUsers ? error.message : stackOf(error)}\n`);
  return isUsers ? 2 : 1;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
