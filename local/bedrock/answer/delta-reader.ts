import { randomUUID } from 'node:crypto';
import type { InputUse } from '../quota/token-rules.ts';
import { type Block, isObject } from '../request/converse-request.ts';
import { textTokens } from '../request/count-tokens.ts';
import type { Finish, Piece } from './generation.ts';
import type { StopReason } from './stop-reasons.ts';

/** Reads what a chat completions server says, in chunks or as a whole. */
export interface DeltaReader {
  readonly read: (chunk: Block) => readonly Piece[];
  readonly end: () => readonly Piece[];
  readonly told: (
    estimate: InputUse,
    producedTokens: number,
  ) => Pick<Finish, 'input' | 'outputTokens' | 'stopReason'>;
}

export function createDeltaReader(): DeltaReader {
  let open: 'text' | 'tool' | undefined;
  let openCall: unknown;
  let stopReason: StopReason = 'end_turn';
  let usage: Block | undefined;
  const close = (): readonly Piece[] => {
    const pieces: readonly Piece[] = open === undefined ? [] : [{ kind: 'block_end', tokens: 0 }];
    open = undefined;
    return pieces;
  };
  const sayText = (text: string): readonly Piece[] => {
    const before = open === 'text' ? [] : close();
    open = 'text';
    return [...before, { kind: 'text', text, tokens: textTokens(Buffer.byteLength(text)) }];
  };
  const callTool = (call: Block, position: number): readonly Piece[] => {
    const { name, arguments: json } = isObject(call.function) ? call.function : {};
    const key = call.index ?? position;
    const pieces: Piece[] = [];
    if (open !== 'tool' || openCall !== key) {
      pieces.push(...close());
      open = 'tool';
      openCall = key;
      const toolUseId = typeof call.id === 'string' ? call.id : `tooluse_${randomUUID()}`;
      pieces.push({ kind: 'tool', toolUseId, name: String(name), tokens: 0 });
    }
    if (typeof json !== 'string' || json === '') return pieces;
    return [...pieces, { kind: 'tool_input', json, tokens: textTokens(Buffer.byteLength(json)) }];
  };
  return {
    read: (chunk) => {
      if (isObject(chunk.usage)) usage = chunk.usage;
      const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
      if (!isObject(choice)) return [];
      stopReason = toStopReason(choice.finish_reason) ?? stopReason;
      const said = isObject(choice.delta) ? choice.delta : choice.message;
      if (!isObject(said)) return [];
      const { content, tool_calls: calls } = said;
      const texts = typeof content === 'string' && content !== '' ? sayText(content) : [];
      const tools = Array.isArray(calls) ? calls.filter(isObject).flatMap(callTool) : [];
      return [...texts, ...tools];
    },
    end: close,
    told: (estimate, producedTokens) => ({
      input: inputOf(usage, estimate),
      outputTokens: numberOr(usage?.completion_tokens, producedTokens),
      stopReason,
    }),
  };
}

function inputOf(usage: Block | undefined, estimate: InputUse): InputUse {
  if (usage === undefined || typeof usage.prompt_tokens !== 'number') return estimate;
  const details = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const read = Math.min(usage.prompt_tokens, numberOr(details.cached_tokens, 0));
  return { inputTokens: usage.prompt_tokens - read, cacheReadInputTokens: read, cacheWriteInputTokens: 0 };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}

function toStopReason(reason: unknown): StopReason | undefined {
  switch (reason) {
    case 'length':
      return 'max_tokens';
    case 'tool_calls':
    case 'function_call':
      return 'tool_use';
    case 'content_filter':
      return 'content_filtered';
    default:
      return undefined;
  }
}
