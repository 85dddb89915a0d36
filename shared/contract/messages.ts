import { z } from 'zod';
import { converseSchema } from './converse.ts';
import { PRIORITIES } from './priorities.ts';

/**
 * An accepted request as it waits in a lane: all that a drain needs to run it. Fields that it does not know are let
 * pass: a newer door may write for an older drain while a deployment goes on.
 */
export const heldRequestSchema = z.object({
  request_id: z.string(),
  custom_id: z.string().nullable(),
  tenant: z.string(),
  /** As its sender says; no credential proved it. */
  tenant_asserted: z.literal(true).optional(),
  pool: z.string(),
  priority: z.enum(PRIORITIES),
  accepted_at_ms: z.number().int(),
  expires_at_ms: z.number().int(),
  /** Not before this may it run. */
  not_before_ms: z.number().int().optional(),
  /** The caller's own thread through logs of several systems. */
  correlation_id: z.string().optional(),
  /** The batch that it came in; see `BatchMember`. */
  batch: z.object({ id: z.string(), index: z.number().int(), total: z.number().int() }).optional(),
  /** Told when it has ended. */
  callback_url: z.string().optional(),
  /** How often it was reopened; see `RequestItem`. */
  generation: z.number().int().optional(),
  reopened_at_ms: z.number().int().optional(),
  /** Its text lies in the bucket under this id, and only there. */
  text_id: z.string().optional(),
  max_tokens: z.number().int(),
  input_tokens_estimate: z.number().int(),
  /** One of the two; neither where the text is gone. */
  converse: converseSchema.optional(),
  invoke_model: z.record(z.string(), z.unknown()).optional(),
  /** Under which answers to the same question are found, and how old they may be. */
  repeat: z.object({ key: z.string(), seconds: z.number().int() }).optional(),
  metadata: z.record(z.string(), z.string()),
});

export type HeldRequest = z.infer<typeof heldRequestSchema>;

/** A wake names the pool to look at; fields that are not known are let pass, as above. */
export const wakeSchema = z.object({
  pool: z.string(),
  /** Refused for the many that are said to wait: to be counted anew, if the pool is found empty. */
  tenant: z.string().optional(),
  /** Sent by the clock, not because anything came. */
  tick: z.boolean().optional(),
});
export type Wake = z.infer<typeof wakeSchema>;

/** Tells the splitter of a batch to go on with. */
export const batchWorkSchema = z.strictObject({
  batch_id: z.string(),
  /** How long the batch waited for room the last time: what it waits next depends on it. */
  wait_seconds: z.number().int().positive().optional(),
});
export type BatchWork = z.infer<typeof batchWorkSchema>;
