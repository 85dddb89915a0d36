import { z } from 'zod';
import { BLANK, chatMessageSchema, converseSchema, isVisible } from './converse.ts';
import { limit } from './limits.ts';
import { PRIORITIES } from './priorities.ts';
import { TENANT_PATTERN } from './tenants.ts';

const tenant = z
  .string()
  .max(limit('tenant_characters'))
  .regex(TENANT_PATTERN, 'must be letters, digits, `_`, `.` and `-`, and begin with a letter or digit');

const TIME = { offset: true, error: 'must be an RFC 3339 time such as 2026-01-31T12:00:00Z' };

const metadata = z
  .record(
    z.string().min(1).max(limit('metadata_key_characters')),
    z.string().max(limit('metadata_value_characters')),
  )
  .refine((entries) => Object.keys(entries).length <= limit('metadata_entries'), {
    message: `must hold at most ${limit('metadata_entries')} entries`,
  });

/**
 * What a caller sends: the same JSON over HTTP and on the input queue.
 * Rules between fields (one kind of content, known model, reachable deadline) are checked by `core`,
 * together with this schema, so that all faults are named at once.
 */
export const envelopeSchema = z
  .strictObject({
    custom_id: z
      .string()
      .regex(
        new RegExp(`^[A-Za-z0-9_-]{1,${limit('custom_id_characters')}}$`),
        `must be 1-${limit('custom_id_characters')} letters, digits, \`_\` and \`-\``,
      )
      .optional()
      .meta({ description: 'Your own id; echoed everywhere.' }),
    idempotency_key: z.string().min(1).max(limit('idempotency_key_characters')).optional().meta({
      description: 'The same key and body is the same request again. Also as header `Idempotency-Key`.',
    }),
    model: z.string().min(1).optional().meta({
      description: 'A configured pool, or one of its model ids. Needed when several pools are configured.',
    }),
    priority: z.enum(PRIORITIES).default('normal'),
    tenant: tenant.optional().meta({
      description: 'On the queue: as asserted by the sender. Over HTTP it comes from the credential.',
    }),
    prompt: z
      .string()
      .min(1, 'must not be empty')
      .refine(isVisible, BLANK)
      .optional()
      .meta({ description: 'Short form: one user message.' }),
    messages: z
      .array(chatMessageSchema)
      .min(1, 'must hold at least one message')
      .optional()
      .meta({ description: 'Short form: chat messages.' }),
    system: z
      .string()
      .min(1, 'must not be empty')
      .refine(isVisible, BLANK)
      .optional()
      .meta({ description: 'Short form: the system prompt.' }),
    temperature: z.number().min(0).max(1).optional(),
    top_p: z.number().min(0).max(1).optional(),
    max_tokens: z.number().int().min(1).optional().meta({
      description:
        'Filled from the pool’s `default_max_tokens`: unset, Bedrock would reserve the model’s maximum.',
    }),
    stop_sequences: z.array(z.string().min(1)).max(limit('stop_sequences')).optional(),
    converse: converseSchema.optional(),
    invoke_model: z
      .record(z.string(), z.unknown())
      .refine((body) => Object.keys(body).length > 0, { message: 'must not be empty' })
      .optional()
      .meta({
        description:
          'The body of Bedrock’s InvokeModel as the model’s own family has it, instead; `model` must be named.',
      }),
    not_before: z.iso.datetime(TIME).optional().meta({
      description: 'When the answer starts being worth having: until then the request waits.',
    }),
    deadline: z.iso
      .datetime(TIME)
      .optional()
      .meta({ description: 'When the answer stops being worth having.' }),
    expires_in_seconds: z
      .number()
      .int()
      .min(1)
      .max(limit('max_age_seconds'))
      .optional()
      .meta({ description: 'The deadline as seconds from acceptance.' }),
    cache_seconds: z.number().int().min(0).max(limit('cache_seconds')).optional().meta({
      description:
        'How old an answer to the same question may be that is given again without a call; 0: none. At most what the tenant’s `cache_seconds` allows, which is also the default.',
    }),
    service_tier: z.enum(['default', 'flex', 'priority', 'reserved']).optional(),
    callback_url: z.string().max(limit('callback_url_characters')).optional().meta({
      description:
        'Told of the end by a signed webhook: an https address of the internet. Needs the setting `webhooks`.',
    }),
    metadata: metadata.optional().meta({ description: 'Echoed with the result.' }),
  })
  .meta({ id: 'Envelope', description: 'One request, as sent over HTTP or on the input queue.' });

export type Envelope = z.infer<typeof envelopeSchema>;

export const ENVELOPE_FIELDS = Object.keys(envelopeSchema.shape) as readonly (keyof Envelope)[];

/** The fields of the short form: they describe what `converse` would. */
export const SHORT_FORM_OPTIONS = [
  'system',
  'temperature',
  'top_p',
  'max_tokens',
  'stop_sequences',
  'service_tier',
] as const satisfies readonly (keyof Envelope)[];

/** Exactly one of these says what to ask the model. */
export const CONTENT_FIELDS = [
  'prompt',
  'messages',
  'converse',
  'invoke_model',
] as const satisfies readonly (keyof Envelope)[];
