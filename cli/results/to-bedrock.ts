import type { Result } from '../../shared/contract/request.ts';
import { isObject, type JsonObject } from '../input/input-item.ts';
import { failureOf, type ResultOfItem } from './answer-parts.ts';

const toConverseAnswer = (result: Result): JsonObject => {
  const { usage } = result;
  const input = usage?.input_tokens ?? 0;
  const output = usage?.output_tokens ?? 0;
  return {
    output: result.output,
    stopReason: result.stop_reason,
    usage: {
      inputTokens: input,
      outputTokens: output,
      totalTokens: input + output,
      cacheReadInputTokens: usage?.cache_read_tokens ?? 0,
      cacheWriteInputTokens: usage?.cache_write_tokens ?? 0,
    },
    metrics: { latencyMs: result.latency_ms },
  };
};

/** What InvokeModel answered has no `message`; what Converse did is put together again. */
const toModelOutput = (result: Result): unknown =>
  isObject(result.output) && isObject(result.output.message) ? toConverseAnswer(result) : result.output;

/** A record of the output of a Bedrock batch: with what was asked. */
export const toBedrock = ({ result, id, source }: ResultOfItem): JsonObject => {
  const record = {
    recordId: id,
    ...(isObject(source) && 'modelInput' in source ? { modelInput: source.modelInput } : {}),
  };
  if (result.status === 'succeeded') return { ...record, modelOutput: toModelOutput(result) };
  const { detail } = failureOf(result);
  return { ...record, error: { errorCode: result.error?.status ?? 500, errorMessage: detail } };
};
