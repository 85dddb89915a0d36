import type { Result } from '../../../contract/request.ts';
import { isObject, type Json } from '../../answers/json-members.ts';
import { anthropicMessage, converseBlocks, problemOf } from '../answer-parts.ts';

const FINISH: Readonly<Record<string, string>> = {
  max_tokens: 'length',
  tool_use: 'tool_calls',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
};

interface ToolUse {
  readonly id: unknown;
  readonly name: unknown;
  readonly input: unknown;
}

const toolUsesOf = (result: Result): readonly ToolUse[] => {
  const native = anthropicMessage(result)?.content;
  if (Array.isArray(native))
    return native
      .filter((block): block is Json => isObject(block) && block.type === 'tool_use')
      .map(({ id, name, input }) => ({ id, name, input }));
  return converseBlocks(result).flatMap(({ toolUse }) =>
    isObject(toolUse) ? [{ id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input }] : [],
  );
};

const toMessage = (result: Result): Json => {
  const calls = toolUsesOf(result).map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input ?? {}) },
  }));
  return {
    role: 'assistant',
    content: result.content,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
};

/** An answer as a chat completion. */
export const toCompletion = (result: Result): Json => {
  const { usage } = result;
  // Cached tokens are counted in theirs, and apart in ours.
  const cached = usage?.cache_read_tokens ?? 0;
  const prompt = (usage?.input_tokens ?? 0) + cached + (usage?.cache_write_tokens ?? 0);
  const completion = usage?.output_tokens ?? 0;
  return {
    id: result.request_id,
    object: 'chat.completion',
    created: Math.floor(Date.parse(result.finished_at) / 1000),
    model: result.model,
    choices: [
      {
        index: 0,
        message: toMessage(result),
        finish_reason: FINISH[result.stop_reason ?? ''] ?? 'stop',
      },
    ],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: cached },
    },
  };
};

/** What OpenAI calls requests of a batch that were not answered in time, or not at all. */
const BATCH_CODES: Readonly<Record<string, string>> = {
  expired: 'batch_expired',
  canceled: 'batch_cancelled',
};

/** A line of the output of a batch, or of its errors. */
export const toOpenAiBatchLine = (result: Result, customId: string): Json => {
  const line = { id: `batch_req_${result.request_id}`, custom_id: customId };
  if (result.status === 'succeeded')
    return {
      ...line,
      response: { status_code: 200, request_id: result.request_id, body: toCompletion(result) },
      error: null,
    };
  const { code, detail } = problemOf(result);
  return {
    ...line,
    response: null,
    error: { code: BATCH_CODES[result.status] ?? code, message: detail },
  };
};
