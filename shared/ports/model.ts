import type { ModelFault } from '../core/classify-fault.ts';
import type { ModelRequest } from '../core/model-request.ts';
import type { Answer } from '../core/to-result.ts';

export interface ModelCall {
  readonly modelId: string;
  /** Where it is not in the deployment's own region, or behind that region's own address. */
  readonly region?: string;
  readonly endpoint?: string;
  readonly request: ModelRequest;
  /** Whether the answer is read while it is written: a long one would be cut off as a connection that stands idle. */
  readonly streams: boolean;
  /** Since 1970: the call is neither begun nor alive after this. */
  readonly untilMs: number;
  /** Gives the call up. */
  readonly signal: AbortSignal;
}

export type ModelReply =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'fault'; readonly fault: ModelFault };

/** The model service. One call is one request to it: no retries hide behind this. */
export interface Model {
  call(call: ModelCall): Promise<ModelReply>;
}
