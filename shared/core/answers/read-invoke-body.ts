import type { Usage } from '../../contract/request.ts';
import { countAt, isObject, type Json, listAt, textAt } from './json-members.ts';

/** What an answer of InvokeModel says in its own family's words. */
export interface InvokeAnswer {
  readonly content: string | null;
  readonly stopReason: string | undefined;
  readonly usage: Partial<Usage>;
}

interface Family {
  readonly isIt: (body: Json) => boolean;
  readonly texts: (body: Json) => readonly (string | undefined)[];
  readonly stopReason: (body: Json) => string | undefined;
  readonly usage?: (body: Json) => { readonly [K in keyof Usage]?: number | undefined };
}

const ANTHROPIC: Family = {
  isIt: ({ type, content }) => type === 'message' && Array.isArray(content),
  texts: (body) => listAt(body, 'content').map((block) => textAt(block, 'text')),
  stopReason: (body) => textAt(body, 'stop_reason'),
  usage: (body) => ({
    input_tokens: countAt(body, 'usage', 'input_tokens'),
    output_tokens: countAt(body, 'usage', 'output_tokens'),
    cache_read_tokens: countAt(body, 'usage', 'cache_read_input_tokens'),
    cache_write_tokens: countAt(body, 'usage', 'cache_creation_input_tokens'),
  }),
};

const NOVA: Family = {
  isIt: ({ output }) => isObject(output) && isObject(output.message),
  texts: (body) => listAt(body, 'output', 'message', 'content').map((block) => textAt(block, 'text')),
  stopReason: (body) => textAt(body, 'stopReason'),
  usage: (body) => ({
    input_tokens: countAt(body, 'usage', 'inputTokens'),
    output_tokens: countAt(body, 'usage', 'outputTokens'),
    cache_read_tokens:
      countAt(body, 'usage', 'cacheReadInputTokens') ?? countAt(body, 'usage', 'cacheReadInputTokenCount'),
    cache_write_tokens:
      countAt(body, 'usage', 'cacheWriteInputTokens') ?? countAt(body, 'usage', 'cacheWriteInputTokenCount'),
  }),
};

const OPENAI: Family = {
  isIt: ({ choices }) => Array.isArray(choices),
  texts: (body) => [textAt(body, 'choices', 0, 'message', 'content')],
  stopReason: (body) => textAt(body, 'choices', 0, 'finish_reason'),
  usage: (body) => ({
    input_tokens: countAt(body, 'usage', 'prompt_tokens'),
    output_tokens: countAt(body, 'usage', 'completion_tokens'),
  }),
};

const LLAMA: Family = {
  isIt: ({ generation }) => typeof generation === 'string',
  texts: (body) => [textAt(body, 'generation')],
  stopReason: (body) => textAt(body, 'stop_reason'),
  usage: (body) => ({
    input_tokens: countAt(body, 'prompt_token_count'),
    output_tokens: countAt(body, 'generation_token_count'),
  }),
};

const MISTRAL: Family = {
  isIt: ({ outputs }) => Array.isArray(outputs),
  texts: (body) => [textAt(body, 'outputs', 0, 'text')],
  stopReason: (body) => textAt(body, 'outputs', 0, 'stop_reason'),
};

const TITAN: Family = {
  isIt: ({ results }) => Array.isArray(results),
  texts: (body) => [textAt(body, 'results', 0, 'outputText')],
  stopReason: (body) => textAt(body, 'results', 0, 'completionReason'),
  usage: (body) => ({
    input_tokens: countAt(body, 'inputTextTokenCount'),
    output_tokens: countAt(body, 'results', 0, 'tokenCount'),
  }),
};

/** Told by their answers, since a model's id may be an ARN that says nothing. */
const FAMILIES: readonly Family[] = [ANTHROPIC, NOVA, OPENAI, LLAMA, MISTRAL, TITAN];

const known = (usage: { readonly [K in keyof Usage]?: number | undefined }): Partial<Usage> =>
  Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== undefined));

/** Text, stop reason and usage of the families that are known; of others, nothing. */
export const readInvokeBody = (body: unknown): InvokeAnswer => {
  const family = isObject(body) ? FAMILIES.find(({ isIt }) => isIt(body)) : undefined;
  if (family === undefined || !isObject(body)) return { content: null, stopReason: undefined, usage: {} };
  const texts = family.texts(body).filter((text) => text !== undefined);
  return {
    content: texts.length === 0 ? null : texts.join(''),
    stopReason: family.stopReason(body),
    usage: known(family.usage?.(body) ?? {}),
  };
};
