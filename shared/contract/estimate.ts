import { z } from 'zod';
import { PRIORITIES } from './priorities.ts';

const tokens = z.number().int().min(0);

const costSchema = z
  .object({ least: z.number(), expected: z.number(), most: z.number() })
  .meta({ description: 'US dollars: an empty answer, one of the usual length, one as long as it may be.' });

const timing = {
  wait_seconds: z.number().meta({ description: 'About how long until its call begins.' }),
  eta_seconds: z.number().meta({ description: 'About how long until it is answered.' }),
  limit: z.string().nullable().meta({
    description:
      'What it waits for: a quota by its name, `concurrency`, `pause` or `not_before`; null when nothing keeps it back.',
  }),
};

export const estimateSchema = z
  .object({
    model: z.string(),
    pool: z.string(),
    priority: z.enum(PRIORITIES),
    input_tokens: tokens.meta({
      description: 'Estimated, with what the pool has learned about its estimates.',
    }),
    max_tokens: tokens.meta({ description: 'As asked, or filled in.' }),
    expected_output_tokens: tokens.meta({
      description: 'As answers of the pool usually are; at most `max_tokens`.',
    }),
    reserved_tokens: tokens.meta({ description: 'What the quota holds while it runs.' }),
    charged_tokens: tokens.meta({ description: 'What the quota is charged in the end, as expected.' }),
    cost_usd: costSchema.nullable().meta({ description: 'Null when the pool has no prices.' }),
    ahead: z.number().int().nullable().meta({ description: 'About how many requests are served before it.' }),
    ...timing,
    meets_deadline: z.boolean().meta({ description: 'Whether that is before it expires.' }),
  })
  .meta({
    id: 'Estimate',
    description: 'What a request would cost and how long it would take; nothing was queued.',
  });

export type Estimate = z.infer<typeof estimateSchema>;

export const batchEstimateSchema = z
  .object({
    requests: z.number().int(),
    input_tokens: tokens,
    expected_output_tokens: tokens,
    reserved_tokens: tokens,
    charged_tokens: tokens,
    cost_usd: costSchema.nullable(),
    eta_seconds: z.number().meta({ description: 'About how long until the last of them is answered.' }),
    limit: timing.limit,
    miss_deadline: z.number().int().meta({ description: 'How many would expire before they are answered.' }),
  })
  .meta({ id: 'BatchEstimate', description: 'The same of many together.' });

export type BatchEstimate = z.infer<typeof batchEstimateSchema>;
