import { randomUUID } from 'node:crypto';
import { eventMessage } from '../wire/event-stream.ts';
import { collectBlocks } from './collect-blocks.ts';
import type { EventWriter } from './converse-answer.ts';
import type { Finish, Piece } from './generation.ts';

type Json = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html */
export function toMessagesResponse(model: string, pieces: readonly Piece[], finish: Finish): Json {
  const content = collectBlocks(pieces).map((block) =>
    block.kind === 'text'
      ? { type: 'text', text: block.text }
      : { type: 'tool_use', id: block.toolUseId, name: block.name, input: block.input },
  );
  return {
    ...messageHead(model),
    content,
    stop_reason: finish.stopReason,
    stop_sequence: finish.stopSequence ?? null,
    usage: { ...inputUsage(finish), output_tokens: finish.outputTokens },
  };
}

function messageHead(model: string): Json {
  return { id: `msg_bdrk_${randomUUID().replaceAll('-', '')}`, type: 'message', role: 'assistant', model };
}

function inputUsage({ input }: Pick<Finish, 'input'>): Json {
  return {
    input_tokens: input.inputTokens,
    cache_creation_input_tokens: input.cacheWriteInputTokens,
    cache_read_input_tokens: input.cacheReadInputTokens,
  };
}

/** The lower-case names of the service's own headers. */
export function usageHeaders(finish: Finish): Readonly<Record<string, string>> {
  return {
    'x-amzn-bedrock-invocation-latency': String(finish.latencyMs),
    'x-amzn-bedrock-input-token-count': String(finish.input.inputTokens),
    'x-amzn-bedrock-output-token-count': String(finish.outputTokens),
    'x-amzn-bedrock-cache-read-input-token-count': String(finish.input.cacheReadInputTokens),
    'x-amzn-bedrock-cache-write-input-token-count': String(finish.input.cacheWriteInputTokens),
  };
}

/** Events of the Messages API, each in a chunk of its own. */
export function writeMessagesEvents(model: string, input: Finish['input']): EventWriter {
  let blockOpen = false;
  let index = 0;
  const events = (piece: Piece): readonly Json[] => {
    const open = (content_block: Json): readonly Json[] => {
      const start = blockOpen ? [] : [{ type: 'content_block_start', index, content_block }];
      blockOpen = true;
      return start;
    };
    const delta = (value: Json): Json => ({ type: 'content_block_delta', index, delta: value });
    switch (piece.kind) {
      case 'text':
        return [...open({ type: 'text', text: '' }), delta({ type: 'text_delta', text: piece.text })];
      case 'tool':
        return open({ type: 'tool_use', id: piece.toolUseId, name: piece.name, input: {} });
      case 'tool_input':
        return [delta({ type: 'input_json_delta', partial_json: piece.json })];
      case 'block_end':
        blockOpen = false;
        index += 1;
        return [{ type: 'content_block_stop', index: index - 1 }];
    }
  };
  return {
    start: () => {
      const usage = { ...inputUsage({ input }), output_tokens: 1 };
      const message = { ...messageHead(model), content: [], stop_reason: null, stop_sequence: null, usage };
      return [toChunk({ type: 'message_start', message })];
    },
    piece: (piece) => events(piece).map(toChunk),
    finish: (finish) => messageEnd(finish).map(toChunk),
  };
}

function messageEnd(finish: Finish): readonly Json[] {
  const { stopReason, stopSequence, outputTokens, latencyMs, firstByteMs, input } = finish;
  return [
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: stopSequence ?? null },
      usage: { output_tokens: outputTokens },
    },
    {
      type: 'message_stop',
      'amazon-bedrock-invocationMetrics': {
        inputTokenCount: input.inputTokens,
        outputTokenCount: outputTokens,
        invocationLatency: latencyMs,
        firstByteLatency: firstByteMs,
        cacheReadInputTokenCount: input.cacheReadInputTokens,
        cacheWriteInputTokenCount: input.cacheWriteInputTokens,
      },
    },
  ];
}

function toChunk(event: Json): Uint8Array {
  return eventMessage('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') });
}
