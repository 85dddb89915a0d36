import { z } from 'zod';
import { quotaSchema } from './quota-settings.ts';

/** What became of a look at Service Quotas. */
export const QUOTA_READING_OUTCOMES = ['found', 'missing', 'ambiguous', 'zero', 'failed'] as const;
export type QuotaReadingOutcome = (typeof QUOTA_READING_OUTCOMES)[number];

/** The last look at the quota of a pool's model in Service Quotas, for whoever owns or shows the pool. */
export const quotaReadingSchema = z.object({
  /** Of another model it says nothing. */
  model_id: z.string(),
  outcome: z.enum(QUOTA_READING_OUTCOMES),
  read_at_ms: z.number().int(),
  /** What was found, for people. */
  detail: z.string(),
  /** As found last: kept while a look fails, gone when there is nothing to be found. */
  quota: quotaSchema.optional(),
  quota_read_at_ms: z.number().int().optional(),
  /** When the limits last became others. */
  changed_at_ms: z.number().int().optional(),
});

export type QuotaReading = z.infer<typeof quotaReadingSchema>;

export const QUOTA_SOURCES = ['configured', 'service-quotas', 'fallback', 'controls'] as const;
export type QuotaSource = (typeof QUOTA_SOURCES)[number];
