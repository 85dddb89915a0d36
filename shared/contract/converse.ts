import { z } from 'zod';
import { limit } from './limits.ts';

/** The kinds of content block that Converse knows; each block holds exactly one of them. */
export const CONTENT_BLOCKS = [
  'text',
  'image',
  'document',
  'video',
  'audio',
  'toolUse',
  'toolResult',
  'guardContent',
  'cachePoint',
  'reasoningContent',
  'citationsContent',
  'searchResult',
] as const;

const SYSTEM_BLOCKS = ['text', 'guardContent', 'cachePoint'] as const;

const VISIBLE = /\S/;

/** The model service refuses what holds white space only. What is empty is told so. */
export const isVisible = (text: string): boolean => text === '' || VISIBLE.test(text);
export const BLANK = 'must not be blank';

const isFilled = (block: unknown): boolean =>
  typeof block === 'object' && block !== null && !Array.isArray(block) && Object.keys(block).length > 0;

const blockOf = (kinds: readonly string[]) =>
  z.record(z.string(), z.unknown()).check((context) => {
    const keys = Object.keys(context.value);
    const known = keys.filter((key) => kinds.includes(key));
    if (keys.length !== 1 || known.length !== 1)
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: `must hold exactly one of ${kinds.join(', ')}; it holds ${keys.length === 0 ? 'nothing' : keys.join(', ')}`,
      });
    if ('text' in context.value && typeof context.value.text !== 'string')
      context.issues.push({ code: 'custom', input: context.value, message: '`text` must be a string' });
    else if (context.value.text !== undefined && !VISIBLE.test(String(context.value.text)))
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: `\`text\` must not be ${context.value.text === '' ? 'empty' : 'blank'}`,
      });
    const [kind] = known;
    if (keys.length === 1 && kind !== undefined && kind !== 'text' && !isFilled(context.value[kind]))
      context.issues.push({
        code: 'custom',
        input: context.value,
        path: [kind],
        message: 'must be an object that is not empty',
      });
  });

const role = z.enum(['user', 'assistant']);
const freeObject = z.record(z.string(), z.unknown());

export const converseMessageSchema = z.strictObject({
  role,
  content: z.array(blockOf(CONTENT_BLOCKS)).min(1, 'must hold at least one content block'),
});

const inferenceConfigSchema = z.strictObject({
  maxTokens: z.number().int().min(1).optional(),
  temperature: z.number().min(0).max(1).optional(),
  topP: z.number().min(0).max(1).optional(),
  stopSequences: z.array(z.string().min(1)).max(limit('stop_sequences')).optional(),
});

/** A Bedrock Converse request without `modelId`, which the pool supplies. */
export const converseSchema = z
  .strictObject({
    messages: z.array(converseMessageSchema).min(1, 'must hold at least one message'),
    system: z.array(blockOf(SYSTEM_BLOCKS)).optional(),
    inferenceConfig: inferenceConfigSchema.optional(),
    toolConfig: freeObject.optional(),
    guardrailConfig: freeObject.optional(),
    outputConfig: freeObject.optional(),
    additionalModelRequestFields: z.unknown().optional(),
    additionalModelResponseFieldPaths: z.array(z.string()).max(10).optional(),
    requestMetadata: z.record(z.string().min(1).max(256), z.string().max(256)).optional(),
    performanceConfig: z.strictObject({ latency: z.enum(['standard', 'optimized']) }).optional(),
    serviceTier: z.strictObject({ type: z.enum(['default', 'flex', 'priority', 'reserved']) }).optional(),
  })
  .meta({ id: 'Converse', description: 'A Bedrock Converse request without `modelId`.' });

export type ConverseRequest = z.infer<typeof converseSchema>;

/** One message of the short form: plain text, or Converse content blocks. */
export const chatMessageSchema = z.strictObject({
  role,
  content: z.union(
    [z.string().min(1).refine(isVisible, BLANK), z.array(blockOf(CONTENT_BLOCKS)).min(1)],
    'must be text that is not empty, or an array of Converse content blocks',
  ),
});
