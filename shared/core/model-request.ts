import type { ConverseRequest } from '../contract/converse.ts';
import type { HeldRequest } from '../contract/messages.ts';

/** What the model is asked, in one of its two forms. */
export type ModelRequest =
  | { readonly kind: 'converse'; readonly converse: ConverseRequest }
  /** The body of InvokeModel as its caller wrote it, in the words of the model's family. */
  | { readonly kind: 'invoke_model'; readonly body: Readonly<Record<string, unknown>> };

/** Nothing of a request whose text is gone. */
export const modelRequestOf = ({
  converse,
  invoke_model,
}: Pick<HeldRequest, 'converse' | 'invoke_model'>): ModelRequest | undefined => {
  if (invoke_model !== undefined) return { kind: 'invoke_model', body: invoke_model };
  return converse === undefined ? undefined : { kind: 'converse', converse };
};
