import type { Result } from '../../shared/contract/request.ts';
import { isObject, type JsonObject } from '../input/input-item.ts';

/** A result and the request that it answers, for those who write it in another form. */
export interface ResultOfItem {
  readonly result: Result;
  /** As the format of the input calls it. */
  readonly id: string;
  readonly source: JsonObject | string;
}

/** The content blocks of an answer in the words of Converse; empty for answers in a model's own. */
export const converseBlocks = ({ output, content }: Result): readonly JsonObject[] => {
  const message = isObject(output) ? output.message : undefined;
  const blocks = isObject(message) && Array.isArray(message.content) ? message.content : undefined;
  if (blocks !== undefined) return blocks.filter(isObject);
  return content === null ? [] : [{ text: content }];
};

/** An answer that came as a message of Anthropic's own. */
export const anthropicMessage = ({ output }: Result): JsonObject | undefined =>
  isObject(output) && output.type === 'message' ? output : undefined;

export const failureOf = ({ error, status }: Result): { readonly code: string; readonly detail: string } => ({
  code: error?.code ?? status,
  detail: error?.detail ?? `The request ended as ${status}.`,
});
