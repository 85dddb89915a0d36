import type { Result } from '../../../contract/request.ts';
import { isObject, type Json } from '../../answers/json-members.ts';

/** An answer as Converse gives it. */
export const toConverseAnswer = (result: Result): Json => {
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
export const toModelOutput = (result: Result): unknown =>
  isObject(result.output) && isObject(result.output.message) ? toConverseAnswer(result) : result.output;
