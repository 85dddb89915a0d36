import { z } from 'zod';
import { QUOTA_SOURCES } from './quota-reading.ts';
import { quotaSchema as grantedSchema } from './quota-settings.ts';

const byClassSchema = z.object({
  high: z.number().int(),
  normal: z.number().int(),
  low: z.number().int(),
});

const time = z.string().meta({ format: 'date-time' });

export const quotaDimensionSchema = z.object({
  name: z.string().meta({ description: 'Which quota, as in the settings.' }),
  limit: z.number().meta({ description: 'What may be used in its window: as granted, less `headroom`.' }),
  window_seconds: z.number().int().meta({ description: '60, or 86400 for a quota of a day.' }),
  held: z
    .number()
    .meta({ description: 'Reserved by calls under way, and taken from `remaining` when each began.' }),
  settled_last_minute: z.number().meta({ description: 'Charged to calls answered in the last minute.' }),
  remaining: z.number().meta({
    description:
      'What could be held now, after what calls under way hold; below zero in debt. It refills while they run, so it may be whole again before they end.',
  }),
  multiplier: z
    .number()
    .meta({ description: 'Share of the limit that is used, after what refusals taught.' }),
  resets_at: time.meta({ description: 'When it is whole again if nothing more is sent.' }),
});

const STATES = ['idle', 'open', 'paused', 'probing'] as const;

export const targetQuotaSchema = z
  .object({
    target: z.string().meta({ description: 'Its name, as in results and metrics.' }),
    model: z.string(),
    region: z.string(),
    state: z.enum(STATES).meta({ description: 'As of a pool.' }),
    paused_until: time.nullable(),
    breaker: z.enum(['closed', 'open', 'probing']).meta({
      description:
        '`open`: not called, since it had no capacity or may not be called; `probing`: one call goes, to see whether it has again.',
    }),
    open_until: time.nullable(),
    in_flight: z.number().int(),
    dimensions: z.array(quotaDimensionSchema),
  })
  .meta({ id: 'TargetQuota', description: 'One of the places where a pool’s requests are answered.' });

export const poolQuotaSchema = z
  .object({
    pool: z.string(),
    model: z.string(),
    state: z.enum(STATES).meta({
      description: '`idle`: nobody drains it; `paused` and `probing`: Bedrock refused a call just now.',
    }),
    paused_by_operator: z
      .boolean()
      .meta({ description: 'Nothing of it runs until an operator lets it go: see `/v1/controls`.' }),
    paused_until: time.nullable(),
    limits: z
      .object({
        source: z.enum(QUOTA_SOURCES).meta({
          description:
            '`configured` in the settings; `service-quotas`; the `fallback` while that names none; or set by an operator (`controls`).',
        }),
        granted: grantedSchema.meta({ description: 'Before anything is left to others.' }),
        read_at: time.nullable().meta({ description: 'When Service Quotas last named them.' }),
        changed_at: time.nullable().meta({ description: 'When what it names last changed.' }),
        others_tokens_per_minute: z.number().int().nullable().meta({
          description:
            'What others were measured to use, and is left to them; null where that is not measured.',
        }),
        warning: z.string().nullable().meta({ description: 'Why they are not as asked for.' }),
      })
      .meta({ description: 'Where the limits come from.' }),
    dimensions: z.array(quotaDimensionSchema),
    concurrency: z.object({
      limit: z.number().meta({ description: 'Calls at once that the quota has work for.' }),
      most: z.number().int().meta({ description: '`max_concurrent_executions`.' }),
      in_flight: z.number().int(),
      binds_while_quota_is_free: z.boolean().meta({
        description: 'The configured number keeps calls back while there is quota for them: raise it.',
      }),
    }),
    targets: z.array(targetQuotaSchema).optional().meta({
      description:
        'Where the pool has several, in their order. The pool’s own figures are then of those that may be called, together.',
    }),
    waiting: byClassSchema.meta({ description: 'Requests that wait, by class.' }),
    parked: z.number().int().meta({ description: 'Requests that may not run yet.' }),
    owner_epoch: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Which owner told it; null before the first.' }),
    as_of: time.nullable().meta({ description: 'When the owner told it.' }),
    age_seconds: z.number().int().nullable(),
  })
  .meta({ id: 'PoolQuota', description: 'The quota of a pool, as its owner last told.' });

export type PoolQuota = z.infer<typeof poolQuotaSchema>;
export type TargetQuota = z.infer<typeof targetQuotaSchema>;
export type QuotaDimension = z.infer<typeof quotaDimensionSchema>;

export const quotaSchema = z
  .object({ pools: z.array(poolQuotaSchema) })
  .meta({ id: 'Quota', description: 'The quota of every pool.' });

export const healthSchema = z
  .object({
    status: z.literal('ok'),
    checks: z
      .record(z.string(), z.literal('ok'))
      .optional()
      .meta({ description: 'With `?deep=1`: each store, asked just now.' }),
  })
  .meta({ id: 'Health' });
