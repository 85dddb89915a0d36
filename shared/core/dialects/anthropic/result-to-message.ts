import type { Result } from '../../../contract/request.ts';
import { isObject, type Json } from '../../answers/json-members.ts';
import { anthropicMessage, converseBlocks, problemOf } from '../answer-parts.ts';
import { toAnthropicErrorBody } from './problem-to-error.ts';

/** What Converse calls otherwise. */
const STOP_REASONS: Readonly<Record<string, string>> = {
  guardrail_intervened: 'refusal',
  content_filtered: 'refusal',
  model_context_window_exceeded: 'model_context_window_exceeded',
};

const toBlock = (block: Json): Json => {
  const { text, toolUse } = block;
  if (typeof text === 'string') return { type: 'text', text };
  if (!isObject(toolUse)) return { type: 'text', text: '' };
  return { type: 'tool_use', id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input };
};

const toMessage = (result: Result): Json => ({
  id: result.request_id,
  type: 'message',
  role: 'assistant',
  model: result.model,
  content: converseBlocks(result).map(toBlock),
  stop_reason: STOP_REASONS[result.stop_reason ?? ''] ?? result.stop_reason,
  stop_sequence: null,
  usage: {
    input_tokens: result.usage?.input_tokens ?? 0,
    output_tokens: result.usage?.output_tokens ?? 0,
    cache_read_input_tokens: result.usage?.cache_read_tokens ?? 0,
    cache_creation_input_tokens: result.usage?.cache_write_tokens ?? 0,
  },
});

/** An answer as a message of Anthropic's: as it came, where one of their models gave it. */
export const toAnthropicMessage = (result: Result): Json => anthropicMessage(result) ?? toMessage(result);

/** How a request of a batch ended. */
export const toAnthropicBatchResult = (result: Result): Json => {
  if (result.status === 'succeeded') return { type: 'succeeded', message: toAnthropicMessage(result) };
  if (result.status !== 'failed') return { type: result.status };
  return { type: 'errored', error: toAnthropicErrorBody(problemOf(result)) };
};
