import { z } from 'zod';
import type { Pools } from './pools.ts';
import type { SettingFault } from './setting-fault.ts';

export const BUDGET_PERIODS = ['day', 'month'] as const;
export const WHEN_SPENT = ['wait', 'fail'] as const;

export const budgetSchema = z.strictObject({
  usd: z
    .number()
    .min(0.01)
    .max(10_000_000)
    .meta({ description: 'US dollars at the prices of the pools, in all pools together.' }),
  per: z.enum(BUDGET_PERIODS).default('day').meta({ description: 'Of UTC.' }),
  when_spent: z.enum(WHEN_SPENT).default('wait').meta({
    description:
      'Whether its requests then wait for the next period (`waiting_for: budget`), or fail (`budget_spent`).',
  }),
});

export type Budget = z.infer<typeof budgetSchema>;

/** What one tenant may use, part of its settings. */
export const tenantLimitFields = {
  requests_per_minute: z.number().min(1).max(1_000_000).optional().meta({
    description: 'Most calls a minute in a pool. What is beyond waits for its turn; nothing is refused.',
  }),
  tokens_per_minute: z.number().min(1).max(1_000_000_000).optional().meta({
    description: 'Most quota tokens a minute in a pool, held to in the same way.',
  }),
  max_concurrent: z
    .number()
    .int()
    .min(1)
    .max(700)
    .optional()
    .meta({ description: 'Most calls under way in a pool.' }),
  tokens_per_day: z.number().int().min(1).max(1_000_000_000_000).optional().meta({
    description:
      'Most tokens of input and output in a day of UTC, in all pools together; then it is as with a budget that is spent.',
  }),
  budget: budgetSchema
    .optional()
    .meta({ description: 'Most it may cost: see [limits](../tenant-limits.md).' }),
};

const hasBudget = (tenant: unknown): boolean =>
  typeof tenant === 'object' && tenant !== null && Object.hasOwn(tenant, 'budget');

/** A budget is kept in dollars: whatever may be called needs a price. */
export const budgetFaults = (tenants: Readonly<Record<string, unknown>>, models: Pools): SettingFault[] => {
  const [tenant] = Object.entries(tenants).find(([, settings]) => hasBudget(settings)) ?? [];
  if (tenant === undefined) return [];
  const detail = `must be given: the tenant \`${tenant}\` has a budget`;
  return Object.entries(models).flatMap(([name, { prices, targets = [] }]): SettingFault[] => [
    ...(prices === undefined ? [{ setting: `models.${name}.prices`, detail }] : []),
    ...targets.flatMap(({ prices: own }, index) =>
      own === undefined && prices === undefined
        ? [{ setting: `models.${name}.targets.${index}.prices`, detail }]
        : [],
    ),
  ]);
};
