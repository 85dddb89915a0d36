import { type EnvNameOf, FUNCTION_ENV } from '../../shared/contract/env.ts';
import type { FunctionName } from '../../shared/contract/functions.ts';
import { parseSettings, type Settings } from '../../shared/contract/settings.ts';

/** Variables of a process, as data. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The one place that reads the process's own. */
export const processEnvironment = (): Environment => process.env;

/** For a dependency that reads the environment as it starts and can be told in no other way. */
export const withEnvironment = <T>(variables: Readonly<Record<string, string>>, work: () => T): T => {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return work();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
};

export interface FunctionConfig<F extends FunctionName> {
  readonly settings: Settings;
  readonly region: string;
  readonly variables: Readonly<Record<EnvNameOf<F>, string>>;
}

export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `the configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}: ${faults.join('; ')}`,
    );
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const settingsFaults = (
  text: string,
): { readonly settings?: Settings; readonly faults: readonly string[] } => {
  const context = parseJson(text);
  if (context === undefined) return { faults: ['SMOOTHER_SETTINGS must be JSON'] };
  const parsed = parseSettings(context);
  return parsed.ok
    ? { settings: parsed.settings, faults: [] }
    : { faults: parsed.faults.map(({ setting, detail }) => `SMOOTHER_SETTINGS: ${setting} ${detail}`) };
};

/** What a function needs from its environment, or one error that names every fault. */
export const parseEnvironment = <F extends FunctionName>(name: F, env: Environment): FunctionConfig<F> => {
  const names = [...FUNCTION_ENV[name], 'AWS_REGION'];
  const missing = names.filter((variable) => (env[variable] ?? '').trim() === '');
  const text = env.SMOOTHER_SETTINGS ?? '';
  const { settings, faults } = missing.includes('SMOOTHER_SETTINGS') ? { faults: [] } : settingsFaults(text);
  const all = [...missing.map((variable) => `${variable} is not set`), ...faults];
  if (all.length > 0 || settings === undefined) throw new ConfigurationError(all);
  const variables = Object.fromEntries(FUNCTION_ENV[name].map((variable) => [variable, env[variable] ?? '']));
  return { settings, region: env.AWS_REGION ?? '', variables: variables as Record<EnvNameOf<F>, string> };
};

export type AddressedService =
  | 'SERVICE_QUOTAS'
  | 'CLOUDWATCH'
  | 'STS'
  | 'BEDROCK'
  | 'BEDROCK_RUNTIME'
  | 'SQS'
  | 'DYNAMODB'
  | 'S3';

/** Where the variables of the SDKs say that a service is, for one that is called without an SDK. */
export const givenEndpoint = (service: AddressedService, env: Environment): string | undefined =>
  env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || undefined;

/** The SDK warns about Node 20 at every start; the version it will need then is named in docs/dependencies.md. */
export const silenceSdkNodeWarning = (): void => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
};
