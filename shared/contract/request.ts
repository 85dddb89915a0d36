import { z } from 'zod';
import { PRIORITIES } from './priorities.ts';
import { problemSchema } from './problem.ts';
import { STATUS_NAMES, type Status } from './statuses.ts';

export const usageSchema = z
  .object({
    input_tokens: z.number().int(),
    output_tokens: z.number().int(),
    cache_read_tokens: z.number().int(),
    cache_write_tokens: z.number().int(),
  })
  .meta({ id: 'Usage' });

export type Usage = z.infer<typeof usageSchema>;

const identity = {
  request_id: z.string(),
  custom_id: z.string().nullable(),
  tenant: z.string(),
  tenant_asserted: z.boolean().optional().meta({
    description: 'True where the tenant is what a queue message says, and nothing proved it.',
  }),
  status: z.enum(STATUS_NAMES as [Status, ...Status[]]),
  model: z.string().meta({ description: 'The model or inference profile that answers.' }),
  pool: z.string(),
  priority: z.enum(PRIORITIES),
  accepted_at: z.string().meta({ format: 'date-time' }),
  expires_at: z.string().meta({ format: 'date-time' }),
  attempts: z.number().int().meta({ description: 'Model calls made; throttled ones do not count.' }),
  generation: z.number().int().optional().meta({
    description: 'How often it was reopened after it had failed, by an operator; absent: never.',
  }),
  batch_id: z.string().optional().meta({ description: 'The batch that it came in, if it did.' }),
  batch_index: z.number().int().optional().meta({ description: 'Its place in the batch, from 0.' }),
};

/** How an accepted request ended: in S3, on the results queue, and from the API. */
export const resultSchema = z
  .object({
    ...identity,
    region: z.string().meta({ description: 'Where it was called.' }),
    target: z
      .string()
      .optional()
      .meta({ description: 'Which target of its pool it was sent to last, where that has several.' }),
    content: z.string().nullable().meta({ description: 'The text of the answer.' }),
    output: z.unknown().meta({ description: 'The whole `output` of Converse.' }),
    stop_reason: z.string().nullable(),
    usage: usageSchema.nullable(),
    cost_usd: z.number().nullable().meta({ description: 'Null when the pool has no prices.' }),
    latency_ms: z.number().int().nullable().meta({ description: 'The model call that counted.' }),
    wait_ms: z.number().int().nullable().meta({
      description: 'From acceptance to the start of that call; to its end when there was none.',
    }),
    finished_at: z.string().meta({ format: 'date-time' }),
    error: problemSchema.nullable(),
    repeated: z
      .object({
        how: z.enum(['cache', 'coalesced']),
        request_id: z.string(),
        answered_at: z.string().meta({ format: 'date-time' }),
      })
      .optional()
      .meta({
        description:
          'Where the answer comes from, when no call was made for it: of an earlier request, or of the same question that was under way.',
      }),
    metadata: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Result', description: 'How a request ended.' });

export type Result = z.infer<typeof resultSchema>;

export const WAITING_FOR = [
  'quota',
  'concurrency',
  'capacity',
  'drain',
  'not_before',
  'pause',
  'budget',
] as const;

/** A request that has not ended. Once it has, the API answers with its result instead. */
export const pendingRequestSchema = z
  .object({
    ...identity,
    waiting_for: z.enum(WAITING_FOR).nullable().meta({
      description:
        '`not_before` until that time; `pause` or `budget` while its tenant or class is held back; `concurrency` while `max_concurrent_executions` binds and quota is free; `capacity` while none of several targets may be called; `drain` while nobody has told for half a minute of draining its pool; otherwise `quota`; null while it runs.',
    }),
    ahead: z.number().int().min(0).nullable().meta({
      description: 'About how many requests are served before it; null when it runs or nobody can tell.',
    }),
    eta_seconds: z.number().int().min(1).nullable().meta({
      description:
        'About how long until it is answered; null when nobody can tell, and where its call would begin after its deadline.',
    }),
  })
  .meta({ id: 'PendingRequest', description: 'An accepted request that has not ended.' });

export type PendingRequest = z.infer<typeof pendingRequestSchema>;

/** On the results queue a result above the inline limit comes without its answer. */
export const notificationSchema = resultSchema
  .extend({
    truncated: z
      .boolean()
      .optional()
      .meta({ description: 'True when the answer is too large for the queue: read it from the API.' }),
  })
  .meta({ id: 'Notification', description: 'A message on the results queue.' });

export type Notification = z.infer<typeof notificationSchema>;

/** A message on the input queue that was refused: answered on the results queue, never accepted. */
export const refusalSchema = z
  .object({
    request_id: z.null(),
    custom_id: z.string().nullable(),
    tenant: z.string().nullable(),
    status: z.literal('failed'),
    message_id: z.string().meta({ description: 'The SQS id of the refused message.' }),
    error: problemSchema,
  })
  .meta({ id: 'Refusal', description: 'The answer to a bad message on the input queue.' });

export type Refusal = z.infer<typeof refusalSchema>;
