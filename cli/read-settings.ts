import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UserError } from '../local/user-error.ts';
import type { SettingFault } from '../shared/contract/setting-fault.ts';
import { parseSettings, type Settings } from '../shared/contract/settings.ts';
import { overrideContext } from '../shared/core/override-settings.ts';

const FILE = 'cdktf.json';

const asSentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

const describe = (faults: readonly SettingFault[]): UserError =>
  new UserError(
    faults.length === 1
      ? `The configuration has a fault: ${asSentence(`${faults[0]?.setting} ${faults[0]?.detail}`)}`
      : `The configuration has ${faults.length} faults:\n${faults.map(({ setting, detail }) => `  ${setting} ${detail}`).join('\n')}`,
  );

const parseJson = (path: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is not valid JSON: ${(error as Error).message}.`);
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const contextOf = (path: string, parsed: unknown): Readonly<Record<string, unknown>> => {
  if (!isObject(parsed)) throw new UserError(`${path} must hold a JSON object.`);
  const { context = {} } = parsed;
  if (!isObject(context)) throw new UserError(`The context of ${path} must be a JSON object.`);
  return context;
};

const readContext = async (folder: string): Promise<Readonly<Record<string, unknown>>> => {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    // A published command runs anywhere; the defaults are a whole configuration.
    if (codeOf(error) === 'ENOENT') return {};
    throw new UserError(`${path} cannot be read: ${(error as Error).message}.`);
  }
  return contextOf(path, parseJson(path, text));
};

/** What costs nothing on a laptop is on there, unless the context says otherwise. */
const LOCAL_DEFAULTS = {
  longest_poll_seconds: 25,
  longest_answer_seconds: 540,
  index_requests: true,
  operators: ['*'],
};

/**
 * Signatures and tokens are checked by API Gateway, which is not here: without keys nobody is asked for anything. What
 * the functions are told must be sound by itself, so that the issuer of tokens goes with them.
 */
export const toLocalAccess = ({ jwt: _, ...settings }: Settings, requireKeys: boolean): Settings => ({
  ...settings,
  api_authorization: requireKeys || settings.api_authorization === 'api_key' ? 'api_key' : 'none',
});

/** The settings of `cdktf.json` in a folder, with those that `--context` replaces for this run. */
export const readSettings = async (folder: string, overrides: readonly string[]): Promise<Settings> => {
  const overridden = overrideContext({ ...LOCAL_DEFAULTS, ...(await readContext(folder)) }, overrides);
  if (!overridden.ok) throw describe(overridden.faults);
  const parsed = parseSettings(overridden.context);
  if (!parsed.ok) throw describe(parsed.faults);
  return parsed.settings;
};
