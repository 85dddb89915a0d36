import type { ConverseRequest } from '../contract/converse.ts';
import type { ModelFault } from '../core/classify-fault.ts';
import type { Answer } from '../core/to-result.ts';

export type ModelReply =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'fault'; readonly fault: ModelFault };

/** The model service. One call is one request to it: no retries hide behind this. */
export interface Model {
  converse(modelId: string, request: ConverseRequest, timeoutMs: number): Promise<ModelReply>;
}
