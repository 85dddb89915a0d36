import { z } from 'zod';
import type { ErrorCodeName } from './error-codes.ts';
import { REQUEST_ID_PATTERN } from './keys.ts';
import { PRIORITIES } from './priorities.ts';

/** Ends after which a request can be sent again, by an operator: its text is kept. */
export const DEAD_LETTER_REASONS = [
  'model_unavailable',
  'crashed_drain',
  'model_access_denied',
  'model_not_found',
  'model_rejected_request',
  'context_too_long',
  'budget_spent',
] as const satisfies readonly ErrorCodeName[];

export type DeadLetterReasonName = (typeof DEAD_LETTER_REASONS)[number];

/** What a dead-letter queue holds of a request: read here is what it takes to reopen it. */
const deadLetterSchema = z.object({
  request_id: z.string().regex(REQUEST_ID_PATTERN),
  /** Letters of before requests could be reopened have none. */
  generation: z.number().int().min(0).default(0),
  lane_message: z.string(),
});

export type DeadLetter = z.infer<typeof deadLetterSchema>;

export const parseDeadLetter = (value: unknown): DeadLetter | undefined =>
  deadLetterSchema.safeParse(value).data;

const time = z.string().meta({ format: 'date-time' });

const attemptSchema = z.object({
  epoch: z.number().int().meta({ description: 'Of the drain that made it.' }),
  started_at: time,
  under_suspicion: z.boolean().meta({ description: 'Made alone, because drains had died of it before.' }),
  target: z.string().optional(),
  outcome: z
    .string()
    .nullable()
    .meta({ description: 'An error code, `answered`, `outcome_unknown`, or null while nobody has told.' }),
});

const end = {
  reason: z.enum(DEAD_LETTER_REASONS).meta({ description: 'The error code it ended with.' }),
  died_at: time,
  attempts: z.number().int().meta({ description: 'Model calls of this generation.' }),
  generation: z.number().int().meta({ description: 'How often it had been reopened before.' }),
  history: z.array(attemptSchema).meta({ description: 'Its last three attempts.' }),
};

/** Without its text: nothing of what was asked or answered is in here. */
export const deadLetterViewSchema = z
  .object({
    request_id: z.string(),
    custom_id: z.string().nullable(),
    tenant: z.string(),
    pool: z.string(),
    model: z.string(),
    priority: z.enum(PRIORITIES),
    batch_id: z.string().optional(),
    batch_index: z.number().int().optional(),
    ...end,
    accepted_at: time,
    age_seconds: z.number().int().meta({ description: 'Since it died.' }),
    kept_until: time.meta({ description: 'When it is removed, unless it is reopened before.' }),
    earlier: z
      .array(z.object({ ...end, reason: z.string() }))
      .meta({ description: 'How it ended before it was reopened, the last three times.' }),
  })
  .meta({ id: 'DeadLetter', description: 'A request that failed and can be sent again.' });

export type DeadLetterView = z.infer<typeof deadLetterViewSchema>;
