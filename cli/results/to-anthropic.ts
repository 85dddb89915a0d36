import type { Result } from '../../shared/contract/request.ts';
import { isObject, type JsonObject } from '../input/input-item.ts';
import { anthropicMessage, converseBlocks, failureOf, type ResultOfItem } from './answer-parts.ts';

const toBlock = (block: JsonObject): JsonObject => {
  const { text, toolUse } = block;
  if (typeof text === 'string') return { type: 'text', text };
  if (!isObject(toolUse)) return { type: 'text', text: '' };
  return { type: 'tool_use', id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input };
};

const toMessage = (result: Result): JsonObject => ({
  id: result.request_id,
  type: 'message',
  role: 'assistant',
  model: result.model,
  content: converseBlocks(result).map(toBlock),
  stop_reason: result.stop_reason,
  stop_sequence: null,
  usage: {
    input_tokens: result.usage?.input_tokens ?? 0,
    output_tokens: result.usage?.output_tokens ?? 0,
    cache_read_input_tokens: result.usage?.cache_read_tokens ?? 0,
    cache_creation_input_tokens: result.usage?.cache_write_tokens ?? 0,
  },
});

const errorType = (status: number): string => {
  if (status === 429) return 'rate_limit_error';
  if (status === 403) return 'permission_error';
  if (status === 413) return 'request_too_large';
  return status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error';
};

/** A line of the results of an Anthropic batch. */
export const toAnthropic = ({ result, id }: ResultOfItem): JsonObject => {
  if (result.status === 'succeeded')
    return {
      custom_id: id,
      result: { type: 'succeeded', message: anthropicMessage(result) ?? toMessage(result) },
    };
  if (result.status !== 'failed') return { custom_id: id, result: { type: result.status } };
  const error = { type: errorType(result.error?.status ?? 500), message: failureOf(result).detail };
  return { custom_id: id, result: { type: 'errored', error: { type: 'error', error } } };
};
