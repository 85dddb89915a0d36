import { z } from 'zod';
import type { SettingFault } from './setting-fault.ts';

/** The quota is read from the Service Quotas API. */
export const SERVICE_QUOTAS = 'service-quotas';

const limitSchema = z.number().int().min(1).optional();

/** Limits as AWS grants them; one that is left out is not counted. */
export const quotaSchema = z.strictObject({
  tokens_per_minute: limitSchema.meta({ description: 'Input and output tokens together, a minute.' }),
  requests_per_minute: limitSchema.meta({
    description: 'Requests a minute; most models count none any more.',
  }),
  tokens_per_day: limitSchema.meta({ description: 'Input and output tokens together, a day.' }),
  input_tokens_per_minute: limitSchema.meta({
    description: 'Input tokens a minute, where input and output are counted apart (`bedrock-mantle`).',
  }),
  output_tokens_per_minute: limitSchema.meta({
    description: 'Output tokens a minute, where input and output are counted apart (`bedrock-mantle`).',
  }),
});

/** US dollars for a million tokens. */
export const pricesSchema = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  cache_read: z.number().min(0).optional(),
  cache_write: z.number().min(0).optional(),
});

export type Quota = z.infer<typeof quotaSchema>;
export type QuotaLimitName = keyof Quota;
export const QUOTA_LIMIT_NAMES = Object.keys(quotaSchema.shape) as readonly QuotaLimitName[];

export const poolQuotaSettingSchema = z.union(
  [
    z
      .string()
      .pipe(z.literal(SERVICE_QUOTAS, { error: `must be \`${SERVICE_QUOTAS}\`, or the limits themselves` })),
    quotaSchema,
  ],
  { error: `must be \`${SERVICE_QUOTAS}\`, or an object of limits` },
);

/** What others use is measured: all that CloudWatch tells of the model, less what this pipeline used itself. */
export const MEASURED = 'measured';

/** The most that is left to others where it is a fraction, or measured. */
export const MOST_HEADROOM = 0.9;

const HEADROOM_FORMS = `must be a fraction from 0 to ${MOST_HEADROOM}, an object with \`tokens_per_minute\`, or \`${MEASURED}\``;

export const headroomSchema = z.union(
  [
    z.number().min(0).max(MOST_HEADROOM),
    z.strictObject({ tokens_per_minute: z.number().int().min(1) }),
    z.literal(MEASURED, { error: HEADROOM_FORMS }),
  ],
  { error: HEADROOM_FORMS },
);

export type HeadroomSetting = z.infer<typeof headroomSchema>;
/** As it is at a moment. */
export type Headroom = Exclude<HeadroomSetting, typeof MEASURED>;

export interface QuotaSettings {
  readonly quota: Quota | typeof SERVICE_QUOTAS;
  readonly fallback_quota?: Quota | undefined;
  readonly headroom: HeadroomSetting;
  readonly targets?: readonly unknown[] | undefined;
}

/** As the settings give it: where it is read from Service Quotas, what stands in for it. */
export const configuredQuotaOf = ({
  quota,
  fallback_quota: fallback,
}: Omit<QuotaSettings, 'headroom' | 'targets'>): Quota => {
  if (quota !== SERVICE_QUOTAS) return quota;
  if (fallback === undefined)
    throw new Error(`a quota of ${SERVICE_QUOTAS} was let through without fallback_quota`);
  return fallback;
};

const TOKENS_OF_A_MINUTE = [
  'tokens_per_minute',
  'input_tokens_per_minute',
  'output_tokens_per_minute',
] as const satisfies readonly QuotaLimitName[];

/** A quota paces by the tokens of a minute. */
export const limitFaults = (setting: string, quota: Quota): SettingFault[] =>
  TOKENS_OF_A_MINUTE.some((name) => quota[name] !== undefined)
    ? []
    : [{ setting, detail: `must name at least one of ${TOKENS_OF_A_MINUTE.join(', ')}` }];

const fallbackFaults = (
  setting: string,
  { quota, fallback_quota: fallback }: QuotaSettings,
): SettingFault[] => {
  const own = `${setting}.fallback_quota`;
  if (quota !== SERVICE_QUOTAS)
    return fallback === undefined
      ? []
      : [
          {
            setting: own,
            detail: `has no use beside a configured quota: leave it out, or set quota to \`${SERVICE_QUOTAS}\``,
          },
        ];
  return fallback === undefined
    ? [
        {
          setting: own,
          detail: `is needed with \`${SERVICE_QUOTAS}\`: the limits to go by while it names none for this model`,
        },
      ]
    : limitFaults(own, fallback);
};

const headroomFaults = (
  setting: string,
  { quota, fallback_quota: fallback, headroom, targets = [] }: QuotaSettings,
): SettingFault[] => {
  if (headroom === MEASURED)
    return targets.length === 0
      ? []
      : [
          {
            setting: `${setting}.headroom`,
            detail: `cannot be \`${MEASURED}\` beside \`targets\`: what was used is not told apart by target; name a fraction, or tokens a minute`,
          },
        ];
  const known = quota === SERVICE_QUOTAS ? fallback : quota;
  if (typeof headroom === 'number' || known === undefined) return [];
  const granted = known.tokens_per_minute ?? known.input_tokens_per_minute;
  if (granted !== undefined && headroom.tokens_per_minute < granted) return [];
  return [
    {
      setting: `${setting}.headroom.tokens_per_minute`,
      detail:
        granted === undefined
          ? 'finds no limit that input tokens count against: name a fraction'
          : `must be less than the quota (${granted}): nothing would be left`,
    },
  ];
};

/** Rules between the settings of a pool's quota. */
export const quotaFaults = (setting: string, pool: QuotaSettings): SettingFault[] => [
  ...(pool.quota === SERVICE_QUOTAS ? [] : limitFaults(`${setting}.quota`, pool.quota)),
  ...fallbackFaults(setting, pool),
  ...headroomFaults(setting, pool),
];
