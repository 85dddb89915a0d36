import type { ConverseRequest } from '../request/converse-request.ts';
import type { Directives } from '../request/directives.ts';
import type { Features } from '../request/features.ts';
import { markerOf } from '../request/marker.ts';
import { randomFrom } from '../seeded-random.ts';
import type { ModelSettings } from '../simulated-model.ts';
import { type Answer, composeAnswer } from './compose-answer.ts';
import { answerLatency, type Latency, refusalLatencyMs } from './latency.ts';

/** Everything about one call that the request, the model and the seed decide. */
export interface Plan {
  readonly maxTokens: number;
  readonly answer: Answer;
  readonly latency: Latency;
  readonly refusalMs: number;
}

export interface PlanOptions {
  readonly modelId: string;
  readonly settings: ModelSettings;
  readonly features: Features;
  readonly directives: Directives;
  readonly seed: number;
  readonly latencyScale: number;
}

export type PlanRead =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'fault'; readonly message: string };

export function planCall(request: ConverseRequest, options: PlanOptions): PlanRead {
  const { settings, features, directives, latencyScale } = options;
  const content = JSON.stringify([request.system, request.messages]);
  const random = randomFrom(String(options.seed), options.modelId, content);
  const maxTokens = maxTokensOf(request, settings);
  const read = composeAnswer({ echo: markerOf(request), maxTokens, features, directives }, random);
  if (read.kind === 'fault') return read;
  const { answer } = read;
  const latency =
    directives.delayMs === undefined
      ? answerLatency({ ...settings, latencyScale }, answer.outputTokens, random)
      : { ttftMs: 0, generationMs: directives.delayMs };
  return {
    kind: 'plan',
    plan: { maxTokens, answer, latency, refusalMs: refusalLatencyMs(latencyScale, random) },
  };
}

export function maxTokensOf(
  { inferenceConfig }: ConverseRequest,
  { maxOutputTokens }: ModelSettings,
): number {
  return inferenceConfig.maxTokens ?? maxOutputTokens;
}
