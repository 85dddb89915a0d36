import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type Environment, processEnvironment } from '../functions/runtime/environment.ts';
import { codeOf, UserError } from '../local/user-error.ts';
import type { ApiTarget } from './api-client.ts';
import { LOCAL_API } from './default-ports.ts';
import { createSignCalls } from './sign-calls.ts';

/** `key`: the API key where there is one. */
const AUTHS = ['key', 'iam'] as const;
type Auth = (typeof AUTHS)[number];

export interface TargetOptions {
  readonly endpoint?: string;
  readonly profile?: string;
  readonly auth?: Auth;
}

const DEFAULT_PROFILE = 'default';

const profilesSchema = z.record(
  z.string(),
  z.strictObject({
    endpoint: z.url().optional(),
    api_key: z.string().min(1).optional(),
    auth: z.enum(AUTHS).optional(),
    region: z.string().min(1).optional(),
  }),
);

type Profile = z.infer<typeof profilesSchema>[string];

/** Which API a command talks to, and as whom. */
export const addTargetOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--endpoint <url>',
        `the API (default: SMOOTHER_ENDPOINT, else that of the profile, else ${LOCAL_API})`,
      ),
    )
    .addOption(new Option('--profile <name>', 'of ~/.config/smoother/profiles.json (or SMOOTHER_PROFILE)'))
    .addOption(
      new Option(
        '--auth <how>',
        'key: the API key of SMOOTHER_API_KEY or the profile; iam: signatures with AWS credentials (default: SMOOTHER_AUTH, else that of the profile, else key)',
      ).choices(AUTHS),
    );

const setIn = (env: Environment, name: string): string | undefined => env[name] || undefined;

const profilesPath = (env: Environment): string =>
  setIn(env, 'SMOOTHER_PROFILES') ??
  join(setIn(env, 'XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'smoother', 'profiles.json');

const readProfiles = (path: string): Readonly<Record<string, Profile>> | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UserError(`The profiles in ${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    return profilesSchema.parse(JSON.parse(text));
  } catch {
    // What stands in the file may be a key: none of it is quoted.
    throw new UserError(
      `The profiles in ${path} must be JSON such as {"${DEFAULT_PROFILE}": {"endpoint": "https://…", "api_key": "smk_…"}}, or "auth": "iam" in place of the key.`,
    );
  }
};

const profileOf = (options: TargetOptions, env: Environment): Profile => {
  const asked = options.profile ?? setIn(env, 'SMOOTHER_PROFILE');
  const path = profilesPath(env);
  const profiles = readProfiles(path) ?? {};
  const profile = profiles[asked ?? DEFAULT_PROFILE];
  if (profile !== undefined || asked === undefined) return profile ?? {};
  const known = Object.keys(profiles).join(', ') || 'none';
  throw new UserError(`There is no profile ${asked} in ${path}; it has: ${known}.`);
};

const isAuth = (text: string): text is Auth => (AUTHS as readonly string[]).includes(text);

const authOf = ({ auth }: TargetOptions, profile: Profile, env: Environment): Auth => {
  const asked = auth ?? setIn(env, 'SMOOTHER_AUTH') ?? profile.auth ?? 'key';
  if (isAuth(asked)) return asked;
  throw new UserError(`SMOOTHER_AUTH must be one of ${AUTHS.join(', ')}, not "${asked}".`);
};

interface Asked {
  readonly options: TargetOptions;
  readonly profile: Profile;
  readonly env: Environment;
}

const toTarget = (endpoint: string, { options, profile, env }: Asked): ApiTarget => {
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ''))
    throw new UserError(`The endpoint must be an http or https URL, not "${endpoint}".`);
  if (authOf(options, profile, env) === 'iam')
    return { endpoint, sign: createSignCalls({ endpoint, region: profile.region, env }) };
  const apiKey = setIn(env, 'SMOOTHER_API_KEY') ?? profile.api_key;
  return { endpoint, ...(apiKey === undefined ? {} : { apiKey }) };
};

/** Options go before the environment, the environment before the profile; nothing where none of them names one. */
export const namedTarget = (
  options: TargetOptions,
  env: Environment = processEnvironment(),
): ApiTarget | undefined => {
  const profile = profileOf(options, env);
  const endpoint = options.endpoint ?? setIn(env, 'SMOOTHER_ENDPOINT') ?? profile.endpoint;
  return endpoint === undefined ? undefined : toTarget(endpoint, { options, profile, env });
};

/** That which is named, else the one that `smoother start` starts. */
export const targetOf = (options: TargetOptions, env: Environment = processEnvironment()): ApiTarget =>
  namedTarget(options, env) ?? toTarget(LOCAL_API, { options, profile: profileOf(options, env), env });
