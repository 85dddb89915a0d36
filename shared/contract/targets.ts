import { z } from 'zod';
import { limit } from './limits.ts';
import { limitFaults, pricesSchema, quotaSchema } from './quota-settings.ts';
import type { SettingFault } from './setting-fault.ts';

/** What a request may need that not every model can do. */
export const CAPABILITIES = [
  'invoke_model',
  'images',
  'documents',
  'video',
  'audio',
  'tools',
  'guardrails',
  'structured_output',
  'cache_points',
  'additional_fields',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

export const TARGET_POLICIES = ['in_order', 'least_waiting'] as const;
export type TargetPolicy = (typeof TARGET_POLICIES)[number];

/** Each costs part of every heartbeat, and a bucket of its own to watch. */
export const MOST_TARGETS = 4;
export const MOST_TARGET_NAME_CHARACTERS = 64;
export const DEFAULT_TARGET_PATIENCE_SECONDS = 1;

/** Another place where a pool's requests may be answered, with a quota of its own. */
export const targetSchema = z.strictObject({
  model_id: z.string().min(1).max(2048).meta({ description: 'Model, inference profile, or ARN.' }),
  name: z
    .string()
    .regex(
      new RegExp(`^[A-Za-z0-9._:/@-]{1,${MOST_TARGET_NAME_CHARACTERS}}$`),
      `must be 1-${MOST_TARGET_NAME_CHARACTERS} letters, digits and \`. _ : / @ -\``,
    )
    .optional()
    .meta({
      description:
        'What results, metrics and `/v1/quota` call it; without it `model_id`, and `@` with the region where it has one.',
    }),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-east-1')
    .optional()
    .meta({ description: 'Where it is called; without it `aws_region`.' }),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://…' })
    .optional()
    .meta({
      description: 'Where it is called instead of the region’s own address, such as through a VPC endpoint.',
    }),
  quota: quotaSchema.meta({ description: 'What Bedrock grants it, beside the quotas of the others.' }),
  burndown: z
    .number()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'As of a pool; without it the pool’s.' }),
  max_max_tokens: z
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: 'Requests with a larger `max_tokens` go elsewhere; without it the pool’s.' }),
  tokens_per_second: z
    .number()
    .min(1)
    .max(10_000)
    .optional()
    .meta({ description: 'How fast the model writes; without it as the pool’s.' }),
  prices: pricesSchema.optional().meta({
    description: 'As of a pool; without them the pool’s where it is the same model, else none.',
  }),
  lacks: z.array(z.enum(CAPABILITIES)).optional().meta({
    description:
      'What it can not do: requests that need it go elsewhere. Without it nothing where it is the same model as the pool’s, else `invoke_model`.',
  }),
});

export type TargetSettings = z.infer<typeof targetSchema>;

/** What a target is called that has no name of its own. */
export const targetNameOf = ({
  model_id,
  name,
  region,
}: Pick<TargetSettings, 'model_id' | 'name' | 'region'>): string => {
  const id = model_id.startsWith('arn:') ? model_id.slice(model_id.lastIndexOf('/') + 1) : model_id;
  return name ?? (region === undefined ? id : `${id}@${region}`).slice(-MOST_TARGET_NAME_CHARACTERS);
};

interface PoolWithTargets {
  readonly model_id: string;
  readonly max_max_tokens: number;
  readonly tokens_per_second: number;
  readonly targets?: readonly TargetSettings[] | undefined;
}

const sizeFaults = (pool: PoolWithTargets, target: TargetSettings, setting: string): SettingFault[] => {
  const { max_max_tokens: most = pool.max_max_tokens } = target;
  const { tokens_per_second: speed = pool.tokens_per_second } = target;
  const longest = Math.floor(limit('call_seconds') * speed);
  if (most > pool.max_max_tokens)
    return [
      {
        setting: `${setting}.max_max_tokens`,
        detail: `must be at most the pool’s max_max_tokens (${pool.max_max_tokens}): larger requests are refused at the door`,
      },
    ];
  return most > longest
    ? [
        {
          setting: `${setting}.max_max_tokens`,
          detail: `must be at most ${longest}: at ${speed} tokens a second a longer answer would outlast a drain`,
        },
      ]
    : [];
};

/** What Bedrock grants a quota to; another address may be another account’s. */
const placeOf = ({ model_id, region, endpoint }: Omit<TargetSettings, 'quota'>, awsRegion: string): string =>
  JSON.stringify([model_id, region ?? awsRegion, endpoint]);

/** Targets that are one and the same under two names: each would count on the whole of one quota. */
const samePlaceFaults = (poolName: string, pool: PoolWithTargets, awsRegion: string): SettingFault[] => {
  const own = { model_id: pool.model_id };
  const nameAt = new Map([[placeOf(own, awsRegion), targetNameOf(own)]]);
  return (pool.targets ?? []).flatMap((target, index) => {
    const place = placeOf(target, awsRegion);
    const name = targetNameOf(target);
    const before = nameAt.get(place);
    if (before === undefined) nameAt.set(place, name);
    // The same name is a fault of its own.
    return before === undefined || before === name
      ? []
      : [
          {
            setting: `models.${poolName}.targets.${index}`,
            detail: `\`${name}\` is the same model in the same region (${target.region ?? awsRegion}) as \`${before}\`: both would count on one quota; name another model or region, or leave it out`,
          },
        ];
  });
};

/** Rules between the targets of a pool. */
export const targetFaults = (poolName: string, pool: PoolWithTargets, awsRegion: string): SettingFault[] => {
  const taken = new Set([targetNameOf({ model_id: pool.model_id })]);
  const named = (pool.targets ?? []).flatMap((target, index) => {
    const setting = `models.${poolName}.targets.${index}`;
    const name = targetNameOf(target);
    const isTaken = taken.has(name);
    taken.add(name);
    const sameName = {
      setting: `${setting}.name`,
      detail: `\`${name}\` already names a target of this pool; name another model or region, or give it a \`name\` of its own`,
    };
    return [
      ...(isTaken ? [sameName] : []),
      ...limitFaults(`${setting}.quota`, target.quota),
      ...sizeFaults(pool, target, setting),
    ];
  });
  return [...named, ...samePlaceFaults(poolName, pool, awsRegion)];
};
