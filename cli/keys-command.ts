import { randomBytes } from 'node:crypto';
import { Command, Option } from 'commander';
import { UserError } from '../local/user-error.ts';
import { systemClock } from '../shared/adapters/system-clock.ts';
import {
  API_KEY_EXPIRY_MS,
  API_KEY_GRACE_MS,
  DEFAULT_SCOPES,
  SCOPES,
  type Scope,
} from '../shared/contract/api-keys.ts';
import {
  createMakeKey,
  createRotateKey,
  type MadeKey,
  type ManageKeysDeps,
} from '../shared/flows/keys/manage-api-keys.ts';
import { type KeyPlace, withKeyStore } from './keys/open-key-store.ts';
import {
  keyIdOf,
  parseCloud,
  parseGrace,
  parseLifetime,
  parseName,
  parseScopes,
  parseTenant,
} from './keys/parse-key-options.ts';
import { KEY_COLUMNS, renderMade, toKeyView } from './keys/render-keys.ts';
import { print, printJson, printRows, say } from './output.ts';
import { readSettings } from './read-settings.ts';

interface PlaceOptions extends KeyPlace {
  readonly json?: true;
  readonly context: readonly string[];
}

interface CreateOptions extends PlaceOptions {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly expiresIn: number | null;
  readonly name: string;
}

const withKeys = async <T>(options: PlaceOptions, work: (deps: ManageKeysDeps) => Promise<T>): Promise<T> => {
  const settings = await readSettings(process.cwd(), options.context);
  return withKeyStore(options, settings, (keys) => work({ keys, clock: systemClock, randomBytes }));
};

/** The key, and nothing else, goes to standard output, so that it can go into a variable or a vault. */
const printMade = (made: MadeKey, { json }: PlaceOptions): void => {
  if (json === true) {
    printJson({ key: made.text, ...toKeyView(made.key, systemClock.nowMs()) });
    return;
  }
  say(renderMade(made));
  print(made.text);
};

const create = async (options: CreateOptions): Promise<void> => {
  const { name, tenant, scopes, expiresIn: lifetimeMs } = options;
  printMade(
    await withKeys(options, (deps) => createMakeKey(deps)({ name, tenant, scopes, lifetimeMs })),
    options,
  );
};

const list = async (options: PlaceOptions): Promise<void> => {
  const keys = await withKeys(options, (deps) => deps.keys.list());
  const views = keys.map((key) => toKeyView(key, systemClock.nowMs()));
  if (options.json !== true) printRows(views, KEY_COLUMNS);
  else for (const view of views) printJson(view);
  if (keys.length === 0) say('There are no keys yet.');
};

const noSuchKey = (id: string): UserError =>
  new UserError(`There is no key ${id}; \`smoother keys list\` shows those that there are.`);

const at = (timeMs: number): string => new Date(timeMs).toISOString();

const rotate = async (named: string, options: PlaceOptions & { readonly grace: number }): Promise<void> => {
  const id = keyIdOf(named);
  const rotation = await withKeys(options, (deps) => createRotateKey(deps)(id, options.grace));
  if (rotation.kind === 'not_found') throw noSuchKey(id);
  if (rotation.kind === 'ended')
    throw new UserError(
      `The key ${id} ended at ${at(rotation.atMs)}; make a new one with \`smoother keys create\`.`,
    );
  say(`Key ${id} goes on working until ${at(rotation.oldUntilMs)}.`);
  printMade(rotation.made, options);
};

const revoke = async (named: string, options: PlaceOptions): Promise<void> => {
  const id = keyIdOf(named);
  const atMs = systemClock.nowMs();
  const isThere = await withKeys(options, (deps) => deps.keys.end(id, { kind: 'revoked', atMs }));
  if (!isThere) throw noSuchKey(id);
  say(`Key ${id} is revoked; a function that has just read it may take it for 5 seconds more.`);
};

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** Of all of them: whose keys. */
const withPlace = (command: Command): Command =>
  command
    .option('--local', 'the keys of `npm start` on this machine, at its usual port')
    .addOption(
      new Option(
        '--cloud <url>',
        'the keys of `npm start` whose cloud is elsewhere, such as at another port',
      ).argParser(parseCloud),
    )
    .addOption(
      new Option(
        '--context <name=json>',
        'replace a setting of cdktf.json, such as aws_region; may be repeated',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--json', 'print JSON, one object a line');

const DAY_MS = 86_400_000;
const inDays = (durationMs: number): string => `${durationMs / DAY_MS}d`;

const createCreate = (): Command =>
  withPlace(new Command('create'))
    .description('Make a key. It is shown once.')
    .addOption(
      new Option('--tenant <name>', 'whose requests it submits and reads')
        .argParser(parseTenant)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--scopes <scopes>', `what it is good for, of ${Object.keys(SCOPES).join(', ')}`)
        .argParser(parseScopes)
        .default(DEFAULT_SCOPES, DEFAULT_SCOPES.join(',')),
    )
    .addOption(
      new Option('--expires-in <time>', 'such as 90d or 12h, or never')
        .argParser(parseLifetime)
        .default(API_KEY_EXPIRY_MS.usual, inDays(API_KEY_EXPIRY_MS.usual)),
    )
    .addOption(new Option('--name <words>', 'what it is for').argParser(parseName).default('', 'none'))
    .action(create);

const createRotate = (): Command =>
  withPlace(new Command('rotate'))
    .description('Make a key in place of another, which goes on working for a while.')
    .argument('<id>', 'the id of the old one')
    .addOption(
      new Option('--grace <time>', 'how long the old one goes on working, such as 24h')
        .argParser(parseGrace)
        .default(API_KEY_GRACE_MS.usual, inDays(API_KEY_GRACE_MS.usual)),
    )
    .action(rotate);

export const createKeysCommand = (): Command => {
  const commands = [
    createCreate(),
    withPlace(new Command('list')).description('Show all keys, without their secrets.').action(list),
    createRotate(),
    withPlace(new Command('revoke'))
      .description('End a key now, for good.')
      .argument('<id>', 'its id')
      .action(revoke),
  ];
  const keys = new Command('keys').description('Make, show, rotate and revoke the API keys of a deployment.');
  for (const command of commands) keys.addCommand(command.exitOverride());
  return keys;
};
