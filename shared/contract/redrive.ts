import { z } from 'zod';
import { DEAD_LETTER_REASONS } from './dead-letter.ts';
import { envelopeSchema } from './envelope.ts';
import { REQUEST_ID_PATTERN } from './keys.ts';
import { limit } from './limits.ts';
import { problemSchema } from './problem.ts';

/** Reopened in a second, unless an order says otherwise. */
export const DEFAULT_REDRIVES_PER_SECOND = 20;
const MOST_WHY_CHARACTERS = 300;
const OLDEST_SECONDS = limit('result_retention_days') * 86_400;

const ageSeconds = z.number().int().min(0).max(OLDEST_SECONDS).optional();

export const redriveFilterSchema = z
  .strictObject({
    reason: z.enum(DEAD_LETTER_REASONS).optional().meta({ description: 'How it ended.' }),
    model: z.string().min(1).optional().meta({ description: 'A pool, or one of its model ids.' }),
    tenant: z.string().min(1).max(limit('tenant_characters')).optional(),
    older_than_seconds: ageSeconds.meta({ description: 'Since it died.' }),
    younger_than_seconds: ageSeconds.meta({ description: 'Since it died.' }),
  })
  .meta({ description: 'All that is named must hold.' });

export type RedriveFilter = z.infer<typeof redriveFilterSchema>;

const fields = envelopeSchema.shape;

export const redriveChangesSchema = z
  .strictObject({
    model: fields.model,
    priority: fields.priority.unwrap().optional(),
    max_tokens: fields.max_tokens,
    temperature: fields.temperature,
    expires_in_seconds: fields.expires_in_seconds.unwrap().optional().meta({
      description: 'Without it, it has as long again as it had.',
    }),
  })
  .meta({ description: 'What is to be other than it was sent; checked as a submission is.' });

export type RedriveChanges = z.infer<typeof redriveChangesSchema>;

/** The body of `POST /v1/dead-letters/redrive`. */
export const redriveOrderSchema = z
  .strictObject({
    filter: redriveFilterSchema.optional(),
    request_ids: z
      .array(z.string().regex(REQUEST_ID_PATTERN, 'must be `req_` and 26 characters'))
      .min(1)
      .max(limit('redrive_entries'))
      .optional()
      .meta({ description: 'Only these, in place of `cursor`; those that do not match are left.' }),
    set: redriveChangesSchema.optional(),
    why: z
      .string()
      .trim()
      .min(1)
      .max(MOST_WHY_CHARACTERS)
      .meta({ description: 'Stands in the list of redrives.' }),
    dry_run: z.boolean().optional().meta({ description: 'Only counts, and names faults.' }),
    per_second: z
      .number()
      .int()
      .min(1)
      .max(limit('redrives_per_second'))
      .optional()
      .meta({ description: `Reopened in a second; ${DEFAULT_REDRIVES_PER_SECOND} unless said.` }),
    limit: z
      .number()
      .int()
      .min(1)
      .max(limit('redrive_entries'))
      .optional()
      .meta({ description: 'Most to look at; fewer where time runs out.' }),
    cursor: z.string().optional().meta({ description: '`next_cursor` of the call before.' }),
  })
  .meta({ id: 'RedriveOrder', description: 'Which dead letters to send again, and as what.' });

export type RedriveOrder = z.infer<typeof redriveOrderSchema>;

const count = z.number().int().min(0);

const counts = {
  looked_at: count.meta({ description: 'Dead letters of all kinds.' }),
  matched: count.meta({ description: 'Those that the order is about.' }),
  reopened: count.meta({ description: 'With `dry_run` those that would be.' }),
  sent_again: count.meta({
    description: 'Reopened before and not begun with: their lane message was sent once more.',
  }),
};

export const redriveAnswerSchema = z
  .object({
    redrive_id: z.string().nullable().meta({ description: 'In the list of redrives; null for a dry run.' }),
    dry_run: z.boolean(),
    operator: z.string().meta({ description: 'Who asks: an ARN, or `anybody` where everybody is operator.' }),
    ...counts,
    faults: z
      .array(problemSchema)
      .meta({ description: 'Why others that matched were left, by `request_id`.' }),
    letters_removed: count.meta({
      description: 'Messages of dead-letter queues that told of what has been reopened.',
    }),
    next_cursor: z.string().nullable().meta({ description: 'To go on from; null when all were looked at.' }),
  })
  .meta({ id: 'RedriveAnswer', description: 'What one call did.' });

export type RedriveAnswer = z.infer<typeof redriveAnswerSchema>;

export const redriveRecordSchema = z
  .object({
    redrive_id: z.string(),
    at: z.string().meta({ format: 'date-time' }),
    by: z.string(),
    why: z.string(),
    filter: redriveFilterSchema,
    request_ids: z.array(z.string()),
    set: redriveChangesSchema,
    ...counts,
    faulty: count,
    is_over: z.boolean().meta({ description: 'False while it runs, and for ever where it died.' }),
  })
  .meta({ id: 'Redrive', description: 'One call that sent dead letters again: who, when, which, why.' });

export type RedriveRecord = z.infer<typeof redriveRecordSchema>;

export const parseRedriveRecord = (value: unknown): RedriveRecord | undefined =>
  redriveRecordSchema.safeParse(value).data;
