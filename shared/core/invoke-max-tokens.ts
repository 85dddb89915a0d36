import { memberOf } from './answers/json-members.ts';

/** Where the families of models have the longest answer they are asked for. */
const PATHS: readonly (readonly string[])[] = [
  ['max_tokens'],
  ['max_completion_tokens'],
  ['max_tokens_to_sample'],
  ['max_gen_len'],
  ['inferenceConfig', 'maxTokens'],
  ['inferenceConfig', 'max_new_tokens'],
  ['textGenerationConfig', 'maxTokenCount'],
];

/** The `max_tokens` of an InvokeModel body, in whatever words its family has for it. */
export const invokeMaxTokens = (
  body: Readonly<Record<string, unknown>>,
): { readonly path: readonly string[]; readonly value: number } | undefined => {
  for (const path of PATHS) {
    const value = memberOf(body, ...path);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return { path, value };
  }
  return undefined;
};
