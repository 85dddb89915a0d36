import { z } from 'zod';
import { limit } from './limits.ts';
import { nearestName } from './nearest-name.ts';
import { type KnownNames, toFaults } from './schema-faults.ts';

const quotaSchema = z.strictObject({
  tokens_per_minute: z.number().int().min(1),
  requests_per_minute: z.number().int().min(1).optional(),
  tokens_per_day: z.number().int().min(1).optional(),
});

/** US dollars for a million tokens. */
const pricesSchema = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  cache_read: z.number().min(0).optional(),
  cache_write: z.number().min(0).optional(),
});

export const poolSchema = z.strictObject({
  model_id: z.string().min(1).max(2048).meta({ description: 'Model, inference profile, or ARN.' }),
  also_known_as: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'Other names that callers may use for this pool.' }),
  quota: quotaSchema.meta({
    description:
      'What Bedrock grants: tokens a minute, and if it limits them, requests a minute and tokens a day.',
  }),
  burndown: z.number().min(1).max(100).default(5).meta({
    description:
      'How many quota tokens one output token costs: 5 for the Claude 3.7 to 4.7 generation, 1 for most others.',
  }),
  default_max_tokens: z
    .number()
    .int()
    .min(1)
    .default(1024)
    .meta({ description: 'Filled in where a request names none.' }),
  max_max_tokens: z
    .number()
    .int()
    .min(1)
    .default(32_000)
    .meta({ description: 'Largest `max_tokens` a request may name.' }),
  tokens_per_second: z
    .number()
    .min(1)
    .max(10_000)
    .default(60)
    .meta({ description: 'How fast the model writes; decides how long a call may take.' }),
  prices: pricesSchema
    .optional()
    .meta({ description: 'US dollars for a million tokens; without them `cost_usd` is null.' }),
});

const POOL_NAME = new RegExp(`^[a-z0-9]([a-z0-9-]{0,${limit('pool_name_characters') - 2}}[a-z0-9])?$`);

export const DEFAULT_POOLS = {
  haiku: {
    model_id: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
    also_known_as: ['claude-haiku-4-5'],
    quota: { tokens_per_minute: 2_000_000 },
    prices: { input: 1.1, output: 5.5, cache_read: 0.11, cache_write: 1.375 },
  },
};

/** The `context` of `cdktf.json`: every setting, its default, its range. */
export const settingsSchema = z.strictObject({
  aws_region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1')
    .default('us-east-1')
    .meta({ description: 'The AWS region of everything.' }),
  notification_email: z
    .email('must be an e-mail address')
    .optional()
    .meta({ description: 'Subscribed to the alarm topic; needed to deploy.' }),
  average_request_duration: z
    .number()
    .min(0.1)
    .max(900)
    .default(5)
    .meta({ description: 'Seconds a model call takes: the first guess, behind `Retry-After`.' }),
  minutes_to_process: z
    .number()
    .min(1)
    .max(10)
    .default(5)
    .meta({ description: 'Minutes one drain works before it is ready to hand over.' }),
  max_concurrent_executions: z
    .number()
    .int()
    .min(1)
    .max(700)
    .default(30)
    .meta({ description: 'Most model calls in flight per pool; one Lambda holds about 700.' }),
  queue_depth_threshold: z.number().int().min(10).max(10_000).default(100).meta({
    description: 'Most waiting requests that a drain holds in memory, calls in flight not counted.',
  }),
  alarm_threshold: z
    .number()
    .int()
    .min(1)
    .default(5)
    .meta({ description: 'Model errors in a period before the alarm.' }),
  alarm_evaluation_periods: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .meta({ description: 'Periods in a row before the alarm.' }),
  dashboard_name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be letters, digits, `_` and `-`')
    .default('bedrock-errors')
    .meta({ description: 'Name of the CloudWatch dashboard.' }),
  models: z
    .record(z.string(), poolSchema)
    .prefault(DEFAULT_POOLS)
    .meta({ description: 'The pools: name, model and quota of each.' }),
  default_model: z
    .string()
    .optional()
    .meta({ description: 'The pool of requests that name no model, when several are configured.' }),
  log_retention_days: z
    .literal([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ])
    .default(14)
    .meta({ description: 'Days that CloudWatch keeps logs: one of the periods it knows.' }),
});

export type Settings = z.infer<typeof settingsSchema>;
export type Pool = z.infer<typeof poolSchema>;

export const SETTING_NAMES = Object.keys(settingsSchema.shape) as readonly (keyof Settings)[];

export interface SettingFault {
  /** Where in the settings, such as `models.haiku.quota.tokens_per_minute`. */
  readonly setting: string;
  readonly detail: string;
}

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly faults: readonly SettingFault[] };

const knownNames: KnownNames = (path) => {
  if (path.length === 0) return SETTING_NAMES;
  if (path[0] !== 'models') return [];
  if (path.length === 2) return Object.keys(poolSchema.shape);
  if (path[2] === 'quota') return Object.keys(quotaSchema.shape);
  return path[2] === 'prices' ? Object.keys(pricesSchema.shape) : [];
};

const callNamesOf = (name: string, pool: Pool): readonly string[] => [
  name,
  pool.model_id,
  ...pool.also_known_as,
];

const duplicateNames = (models: Settings['models']): SettingFault[] => {
  const owners = new Map<string, string>();
  const faults: SettingFault[] = [];
  for (const [name, pool] of Object.entries(models))
    for (const callName of new Set(callNamesOf(name, pool))) {
      const owner = owners.get(callName);
      if (owner === undefined) owners.set(callName, name);
      else
        faults.push({
          setting: `models.${name}`,
          detail: `\`${callName}\` already names the pool \`${owner}\``,
        });
    }
  return faults;
};

const poolNameFaults = (name: string): SettingFault[] =>
  POOL_NAME.test(name)
    ? []
    : [
        {
          setting: `models.${name}`,
          detail: `must be named by 1-${limit('pool_name_characters')} small letters, digits and \`-\``,
        },
      ];

const poolFaults = ([name, pool]: [string, Pool]): SettingFault[] => {
  const longest = Math.floor(limit('call_seconds') * pool.tokens_per_second);
  return [
    ...(pool.default_max_tokens > pool.max_max_tokens
      ? [
          {
            setting: `models.${name}.default_max_tokens`,
            detail: `must be at most max_max_tokens (${pool.max_max_tokens})`,
          },
        ]
      : []),
    ...(pool.max_max_tokens > longest
      ? [
          {
            setting: `models.${name}.max_max_tokens`,
            detail: `must be at most ${longest}: at ${pool.tokens_per_second} tokens a second a longer answer would outlast a drain`,
          },
        ]
      : []),
  ];
};

const unknownDefault = (chosen: unknown, pools: readonly string[]): SettingFault[] => {
  if (typeof chosen !== 'string' || pools.length === 0 || pools.includes(chosen)) return [];
  const nearest = nearestName(chosen, pools);
  const hint = nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
  return [
    { setting: 'default_model', detail: `must be one of ${pools.join(', ')}, not \`${chosen}\`${hint}` },
  ];
};

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};

/** Rules between settings. Pools with faults of their own are left out, so that each fault is named once. */
const faultsBetween = (context: unknown): SettingFault[] => {
  const { models = DEFAULT_POOLS, default_model: chosen } = asObject(context);
  const pools = Object.entries(asObject(models)).map(
    ([name, pool]) => [name, poolSchema.safeParse(pool)] as const,
  );
  const sound = pools.flatMap(([name, { data }]): [string, Pool][] =>
    data === undefined ? [] : [[name, data]],
  );
  const none = pools.length === 0 && asObject(models) === models;
  return [
    ...(none ? [{ setting: 'models', detail: 'must hold at least one pool' }] : []),
    ...unknownDefault(
      chosen,
      pools.map(([name]) => name),
    ),
    ...pools.flatMap(([name]) => poolNameFaults(name)),
    ...duplicateNames(Object.fromEntries(sound)),
    ...sound.flatMap(poolFaults),
  ];
};

const toSettingName = (pointer: string): string =>
  pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');

/** Settings with their defaults, or every fault in them; nothing is clamped in silence. */
export const parseSettings = (context: unknown): ParsedSettings => {
  const parsed = settingsSchema.safeParse(context);
  const between = faultsBetween(context);
  if (parsed.success && between.length === 0) return { ok: true, settings: parsed.data };
  const schemaFaults = parsed.success ? [] : toFaults(parsed.error, context, knownNames);
  return {
    ok: false,
    faults: [
      ...schemaFaults.map(({ pointer, code, detail }) => ({
        setting: toSettingName(pointer) || 'context',
        // The setting's name stands before its fault already.
        detail: code === 'unknown_field' ? detail.replace(/^`[^`]*` /, '') : detail,
      })),
      ...between,
    ],
  };
};
