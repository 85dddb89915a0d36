import type { Environment } from '../../functions/runtime/environment.ts';
import type { LocalOptions } from '../../local/start-local.ts';
import { UserError } from '../../local/user-error.ts';
import { nearestName } from '../../shared/contract/nearest-name.ts';
import { type Pool, poolSchema } from '../../shared/contract/pools.ts';
import { SERVICE_QUOTAS } from '../../shared/contract/quota-settings.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { callableNames, findPool, poolNames } from '../../shared/core/pool-names.ts';

export const MODEL_SERVICES = ['simulator', 'aws', 'openai'] as const;

export interface ServiceOptions {
  readonly modelService: (typeof MODEL_SERVICES)[number];
  readonly baseUrl?: string;
  readonly model?: string;
}

/** Who answers. */
export type ModelService =
  | { readonly kind: 'simulator' }
  /** By the variables of the SDKs. */
  | { readonly kind: 'given'; readonly endpoint: string }
  | { readonly kind: 'aws'; readonly endpoint: string }
  | {
      readonly kind: 'openai';
      readonly baseUrl: string;
      readonly model: string;
      readonly apiKey: string | undefined;
    };

const BEDROCK_VARIABLE = 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME';

const givenBedrock = (env: Environment): string | undefined =>
  env[BEDROCK_VARIABLE] || env.AWS_ENDPOINT_URL || undefined;

const isHttpUrl = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).search === '';

const openAiService = ({ baseUrl, model }: ServiceOptions, env: Environment): ModelService => {
  if (baseUrl === undefined || !isHttpUrl(baseUrl))
    throw new UserError(
      `--model-service openai needs the server as --base-url, such as http://127.0.0.1:11434/v1${baseUrl === undefined ? '' : `, not "${baseUrl}"`}.`,
    );
  if (model === undefined)
    throw new UserError('--model-service openai needs --model: the name that the server has for it.');
  if (givenBedrock(env) !== undefined)
    throw new UserError(
      `--model-service openai and ${BEDROCK_VARIABLE} (or AWS_ENDPOINT_URL) name two services; unset the variable, or leave the option out.`,
    );
  return { kind: 'openai', baseUrl, model, apiKey: env.OPENAI_API_KEY || undefined };
};

export const chooseService = (options: ServiceOptions, region: string, env: Environment): ModelService => {
  if (options.modelService === 'openai') return openAiService(options, env);
  if (options.baseUrl !== undefined)
    throw new UserError('--base-url is for --model-service openai; leave it out, or choose that.');
  const endpoint = givenBedrock(env);
  if (options.modelService === 'aws')
    return { kind: 'aws', endpoint: endpoint ?? `https://bedrock-runtime.${region}.amazonaws.com` };
  return endpoint === undefined ? { kind: 'simulator' } : { kind: 'given', endpoint };
};

/** Two runs that another answers are two runs: nobody takes the words of a simulator for those of a model. */
export const identityOf = (service: ModelService): string => {
  switch (service.kind) {
    case 'simulator':
      return 'simulator';
    case 'openai':
      return `openai ${service.baseUrl} ${service.model}`;
    default:
      return `${service.kind} ${service.endpoint}`;
  }
};

/** The first of each: what waits in one folder is never answered by another kind of service. */
export const defaultDataFolder = ({ kind }: ModelService): string =>
  kind === 'aws' || kind === 'openai' ? `.smoother-${kind}` : '.smoother';

/** A server of one's own has no quota that anybody knows: its slots are what there is. */
const OPEN_QUOTA = { tokens_per_minute: 1_000_000_000 };

/** Until Service Quotas names it: about what a new account is granted. */
const MODEST_QUOTA = { tokens_per_minute: 200_000 };

/** Output costs five times as much of the quota for Claude since 3.7. */
const burndownOf = (modelId: string): number => (/anthropic\.claude-(3-7|[a-z]+-4)/.test(modelId) ? 5 : 1);

const createPool = (pool: Pick<Pool, 'model_id' | 'quota' | 'burndown'>): Pool => poolSchema.parse(pool);

/** Ids of Bedrock have the maker's name before a dot. */
const isModelId = (name: string): boolean => /^[a-z0-9-]+\.[a-z0-9]/.test(name) || name.startsWith('arn:');

const unknownModel = (name: string, settings: Settings): UserError => {
  const nearest = nearestName(name, callableNames(settings));
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return new UserError(
    `There is no model ${name}; configured: ${poolNames(settings).join(', ')}.${hint} A model id of Bedrock, such as us.amazon.nova-micro-v1:0, needs no configuration.`,
  );
};

/** A model that is asked by its id gets a pool of its own for this run. */
const withModel = (settings: Settings, model: string | undefined): Settings => {
  if (model === undefined || findPool(settings, model) !== undefined) return settings;
  if (!isModelId(model)) throw unknownModel(model, settings);
  const pool = createPool({ model_id: model, quota: MODEST_QUOTA, burndown: burndownOf(model) });
  return { ...settings, models: { ...settings.models, asked: pool } };
};

const fromServiceQuotas = (pool: Pool): Pool =>
  pool.quota === SERVICE_QUOTAS ? pool : { ...pool, quota: SERVICE_QUOTAS, fallback_quota: pool.quota };

const mapPools = (settings: Settings, map: (pool: Pool) => Pool): Settings => ({
  ...settings,
  models: Object.fromEntries(Object.entries(settings.models).map(([name, pool]) => [name, map(pool)])),
});

/** The settings of a run: those of the folder, and what who answers makes of them. */
export const settingsFor = (
  settings: Settings,
  service: ModelService,
  model: string | undefined,
): Settings => {
  switch (service.kind) {
    case 'openai': {
      const pool = createPool({ model_id: service.model, quota: OPEN_QUOTA, burndown: 1 });
      const { default_model: _, ...others } = settings;
      return { ...others, models: { openai: pool } };
    }
    case 'aws':
      return mapPools(withModel(settings, model), fromServiceQuotas);
    default:
      return withModel(settings, model);
  }
};

/** What the embedded pipeline has to be told of it. */
export const pipelineFor = (
  service: ModelService,
  env: Environment,
): Pick<LocalOptions, 'env' | 'forward'> => {
  if (service.kind === 'aws') return { env: { ...env, [BEDROCK_VARIABLE]: service.endpoint } };
  if (service.kind !== 'openai') return { env };
  return { env, forward: { baseUrl: service.baseUrl, model: service.model, apiKey: service.apiKey } };
};

export const describeService = (service: ModelService): string => {
  switch (service.kind) {
    case 'simulator':
      return 'The model is a simulator: it counts quota as Bedrock does, echoes your text and costs nothing. --model-service aws asks the real Bedrock.';
    case 'given':
      return `The model service is ${service.endpoint}, as ${BEDROCK_VARIABLE} says.`;
    case 'aws':
      return `The model service is Amazon Bedrock at ${service.endpoint}; its calls are paid for.`;
    case 'openai':
      return `The model service is ${service.model} at ${service.baseUrl}.`;
  }
};
