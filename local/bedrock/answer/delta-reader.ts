import { randomUUID } from 'node:crypto';
import type { InputUse } from '../quota/token-rules.ts';
import { type Block, isObject } from '../request/converse-request.ts';
import { textTokens } from '../request/count-tokens.ts';
import { noChatCompletion } from './forward-error.ts';
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
  let openCall: OpenCall | undefined;
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
    const { name, arguments: given } = isObject(call.function) ? call.function : {};
    const json = isObject(given) ? JSON.stringify(given) : given;
    const index = call.index ?? position;
    const pieces: Piece[] = [];
    if (open !== 'tool' || openCall === undefined || isAnother(call, index, openCall)) {
      if (typeof name !== 'string' || name === '') throw noChatCompletion(': a tool call without a name');
      pieces.push(...close());
      open = 'tool';
      const id = typeof call.id === 'string' && call.id !== '' ? call.id : undefined;
      openCall = { index, id };
      pieces.push({ kind: 'tool', toolUseId: id ?? `tooluse_${randomUUID()}`, name, tokens: 0 });
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
      const text = textOf(content);
      const texts = text === '' ? [] : sayText(text);
      const tools = Array.isArray(calls) ? calls.filter(isObject).flatMap(callTool) : [];
      return [...texts, ...tools];
    },
    end: close,
    told: (estimate, producedTokens) => ({
      input: inputOf(usage, estimate),
      outputTokens: countOf(usage?.completion_tokens) ?? producedTokens,
      stopReason,
    }),
  };
}

interface OpenCall {
  readonly index: unknown;
  readonly id: string | undefined;
}

/** Some servers give every call of a stream the same index, and each an id of its own. */
function isAnother({ id }: Block, index: unknown, open: OpenCall): boolean {
  return open.index !== index || (typeof id === 'string' && id !== '' && id !== open.id);
}

/** Text, or a list of parts with text. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content.filter(isObject) : [];
  return parts.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

function inputOf(usage: Block | undefined, estimate: InputUse): InputUse {
  const told = countOf(usage?.prompt_tokens);
  if (told === undefined) return estimate;
  const details = isObject(usage?.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const read = Math.min(told, countOf(details.cached_tokens) ?? 0);
  return { inputTokens: told - read, cacheReadInputTokens: read, cacheWriteInputTokens: 0 };
}

/** No context is as long; a quota that was charged more would never come back. */
const mostTokens = 10_000_000;

function countOf(value: unknown): number | undefined {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostTokens;
  return fits ? value : undefined;
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
