import { z } from 'zod';

export const quotaSchema = z.strictObject({
  tokens_per_minute: z.number().int().min(1),
  requests_per_minute: z.number().int().min(1).optional(),
  tokens_per_day: z.number().int().min(1).optional(),
});

/** US dollars for a million tokens. */
export const pricesSchema = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  cache_read: z.number().min(0).optional(),
  cache_write: z.number().min(0).optional(),
});
