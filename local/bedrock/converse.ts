import { type Answer, writeAnswer } from './answers.ts';
import type { ConverseRequest } from './converse-request.ts';
import { inputTokensOf } from './count-tokens.ts';
import type { Directives } from './directives.ts';
import { answerLatency, type Latency, refusalLatencyMs, totalMs } from './latency.ts';
import { randomFrom } from './seeded-random.ts';
import type { ModelSettings } from './simulated-model.ts';
import type { InputUse } from './token-rules.ts';

/** Everything about one call that the request, the model and the seed decide. */
export interface Plan {
  readonly input: InputUse;
  readonly maxTokens: number;
  readonly answer: Answer;
  readonly latency: Latency;
  readonly refusalMs: number;
}

export interface PlanOptions {
  readonly modelId: string;
  readonly settings: ModelSettings;
  readonly directives: Directives;
  readonly seed: number;
  readonly latencyScale: number;
}

export function planConverse(request: ConverseRequest, options: PlanOptions): Plan {
  const { settings, directives, latencyScale } = options;
  const content = JSON.stringify([request.system, request.messages]);
  const random = randomFrom(String(options.seed), options.modelId, content);
  const maxTokens = request.inferenceConfig.maxTokens ?? settings.maxOutputTokens;
  const { text, outputTokens, delayMs } = directives;
  const answer = writeAnswer({ echo: markerOf(request), maxTokens, text, outputTokens }, random);
  return {
    input: { inputTokens: inputTokensOf(request), cacheReadInputTokens: 0, cacheWriteInputTokens: 0 },
    maxTokens,
    answer,
    latency:
      delayMs === undefined
        ? answerLatency({ ...settings, latencyScale }, answer.outputTokens, random)
        : { ttftMs: 0, generationMs: delayMs },
    refusalMs: refusalLatencyMs(latencyScale, random),
  };
}

const markerCharacters = 60;

/** First characters of the last user text; all that is ever kept of a prompt. */
export function markerOf(request: ConverseRequest): string {
  // Twice as many code units as characters are enough, and a long prompt is not taken apart.
  const start = lastUserText(request).slice(0, 2 * markerCharacters);
  return Array.from(start).slice(0, markerCharacters).join('');
}

export function lastUserText({ messages }: ConverseRequest): string {
  const last = messages.filter(({ role }) => role === 'user').at(-1);
  const texts = (last?.content ?? []).map(({ text }) => text).filter((text) => typeof text === 'string');
  return texts.join('\n');
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
export function toConverseResponse(plan: Plan, request: ConverseRequest): Readonly<Record<string, unknown>> {
  const { input, answer, latency } = plan;
  return {
    output: { message: { role: 'assistant', content: [{ text: answer.text }] } },
    stopReason: answer.stopReason,
    usage: {
      ...input,
      outputTokens: answer.outputTokens,
      totalTokens: input.inputTokens + answer.outputTokens,
    },
    metrics: { latencyMs: Math.round(totalMs(latency)) },
    serviceTier: request.serviceTier,
    performanceConfig: request.performanceConfig,
  };
}
