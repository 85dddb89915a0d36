import { z } from 'zod';
import { limit } from './limits.ts';
import {
  headroomSchema,
  poolQuotaSettingSchema,
  pricesSchema,
  quotaFaults,
  quotaSchema,
} from './quota-settings.ts';
import type { SettingFault } from './setting-fault.ts';
import {
  DEFAULT_TARGET_PATIENCE_SECONDS,
  MOST_TARGETS,
  TARGET_POLICIES,
  targetFaults,
  targetSchema,
} from './targets.ts';

export const poolSchema = z.strictObject({
  model_id: z.string().min(1).max(2048).meta({ description: 'Model, inference profile, or ARN.' }),
  also_known_as: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'Other names that callers may use for this pool.' }),
  quota: poolQuotaSettingSchema.meta({
    description:
      'What Bedrock grants: the limits themselves, or `service-quotas` to have them read from the Service Quotas API every hour.',
  }),
  fallback_quota: quotaSchema.optional().meta({
    description: 'The limits to go by while Service Quotas names none, or more than one, for this model.',
  }),
  headroom: headroomSchema.default(0).meta({
    description:
      'What is left to others who use the account: a fraction of every limit, tokens a minute, or `measured`.',
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
  targets: z.array(targetSchema).min(1).max(MOST_TARGETS).optional().meta({
    description:
      'Where else requests may be answered, in order, such as another region’s inference profile or another model.',
  }),
  target_policy: z.enum(TARGET_POLICIES).optional().meta({
    description:
      'With `targets`: `in_order` (the default) takes the first that can take a request now, `least_waiting` the one with most quota to spare.',
  }),
  target_patience_seconds: z
    .number()
    .min(0)
    .max(3600)
    .optional()
    .meta({
      description: `With \`in_order\`: how long a request waits for an earlier target before it goes to a later one; ${DEFAULT_TARGET_PATIENCE_SECONDS} unless given.`,
    }),
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
export type Pool = z.infer<typeof poolSchema>;

/** The pools by name, as `models` holds them. */
export type Pools = Readonly<Record<string, Pool>>;

const callNamesOf = (name: string, pool: Pool): readonly string[] => [
  name,
  pool.model_id,
  ...pool.also_known_as,
];

export const duplicateNames = (models: Pools): SettingFault[] => {
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

export const poolNameFaults = (name: string): SettingFault[] =>
  POOL_NAME.test(name)
    ? []
    : [
        {
          setting: `models.${name}`,
          detail: `must be named by 1-${limit('pool_name_characters')} small letters, digits and \`-\``,
        },
      ];

export const poolFaults = (name: string, pool: Pool, awsRegion: string): SettingFault[] => {
  const longest = Math.floor(limit('call_seconds') * pool.tokens_per_second);
  return [
    ...quotaFaults(`models.${name}`, pool),
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
    ...targetFaults(name, pool, awsRegion),
  ];
};
