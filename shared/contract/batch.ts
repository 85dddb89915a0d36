import { z } from 'zod';
import { BATCH_STATUS_NAMES, type BatchStatus } from './batch-statuses.ts';
import { envelopeSchema } from './envelope.ts';
import { limit } from './limits.ts';
import { PRIORITIES } from './priorities.ts';
import { problemSchema } from './problem.ts';
import { usageSchema } from './request.ts';

const { callback_url, custom_id, idempotency_key, metadata, model, deadline, expires_in_seconds } =
  envelopeSchema.shape;

/** What the requests of a batch get where they say nothing themselves. */
export const BATCH_DEFAULT_FIELDS = ['model', 'priority', 'deadline', 'expires_in_seconds'] as const;

/** A batch as sent in JSON. Its requests are checked one by one, so that one bad one hides no other. */
export const batchCreationSchema = z
  .strictObject({
    requests: z
      .array(z.unknown())
      .optional()
      .meta({
        description: `1 to ${limit('batch_requests')} requests, each an Envelope without \`idempotency_key\`.`,
      }),
    upload: z
      .union([
        z.literal(true),
        z.strictObject({
          size_bytes: z.number().int().min(1).max(limit('batch_upload_bytes')).optional(),
        }),
      ])
      .optional()
      .meta({
        description:
          'Instead of `requests`: they come by upload, one a line. With `size_bytes` the URL takes just that many bytes.',
      }),
    custom_id: custom_id.meta({ description: 'Your own id of the batch.' }),
    idempotency_key: idempotency_key.meta({
      description: 'The same key and body is the same batch again. Also as header `Idempotency-Key`.',
    }),
    metadata: metadata.meta({ description: 'Echoed with the batch.' }),
    model: model.meta({ description: 'For requests that name none.' }),
    priority: z.enum(PRIORITIES).optional().meta({ description: 'For requests that name none.' }),
    callback_url: callback_url.meta({
      description: 'Told when the batch has ended; its requests may each name one of their own.',
    }),
    deadline: deadline.meta({ description: 'For requests that name no time.' }),
    expires_in_seconds: expires_in_seconds.meta({ description: 'For requests that name no time.' }),
  })
  .meta({ id: 'BatchCreation', description: 'A batch, as sent in JSON.' });

export type BatchCreation = z.infer<typeof batchCreationSchema>;

const count = (description: string) => z.number().int().meta({ description });

export const batchCountsSchema = z
  .object({
    total: count('All requests; 0 until an upload was checked.'),
    processing: count('Those that have not ended.'),
    succeeded: count('Answered by the model.'),
    failed: count('Ended without an answer.'),
    canceled: count('Stopped by a cancel.'),
    expired: count('Not answered by their deadline.'),
  })
  .meta({ id: 'BatchCounts', description: 'They move while the batch runs, and always sum to `total`.' });

export const batchUploadSchema = z
  .object({
    method: z.literal('PUT'),
    url: z.string().meta({ description: 'Where to put the requests, one JSON object a line.' }),
    headers: z.record(z.string(), z.string()).meta({ description: 'To be sent along, as they are.' }),
    max_bytes: z.number().int(),
    expires_at: z.string().meta({ format: 'date-time', description: 'When the URL stops working.' }),
  })
  .meta({ id: 'BatchUpload' });

export type BatchUpload = z.infer<typeof batchUploadSchema>;

const time = (description: string) => z.string().meta({ format: 'date-time', description });

export const batchSchema = z
  .object({
    batch_id: z.string(),
    custom_id: z.string().nullable(),
    status: z.enum(BATCH_STATUS_NAMES as [BatchStatus, ...BatchStatus[]]),
    counts: batchCountsSchema,
    usage: usageSchema,
    cost_usd: z
      .number()
      .nullable()
      .meta({ description: 'So far. Null when a pool that answered has no prices.' }),
    created_at: time('When it was sent.'),
    expires_at: time(
      'When the last of its requests expires; before that is known, until when it may be started.',
    ),
    cancel_initiated_at: time('When it was canceled.').nullable(),
    ended_at: time('When the last of its requests ended.').nullable(),
    results: z
      .string()
      .nullable()
      .meta({ description: 'Path of its results, readable while it runs. Null where nothing was accepted.' }),
    error: problemSchema.nullable().meta({ description: 'Why it failed: every fault of its upload.' }),
    metadata: z.record(z.string(), z.string()),
    upload: batchUploadSchema.optional(),
  })
  .meta({ id: 'Batch', description: 'A batch and how far it is.' });

export type Batch = z.infer<typeof batchSchema>;
