import { randomUUID } from 'node:crypto';
import { type ServiceError, serviceError, tooManyRequests } from '../faults/errors.ts';
import type { InputUse } from '../quota/token-rules.ts';
import { type Block, isObject, parseJson } from '../request/converse-request.ts';
import { textTokens } from '../request/count-tokens.ts';
import { serverSentData } from '../wire/server-sent-data.ts';
import type { Finish, Generation, Piece } from './generation.ts';
import type { StopReason } from './stop-reasons.ts';

/** What the server behind answered instead of an answer. */
export class ForwardError extends Error {
  readonly error: ServiceError;

  constructor(error: ServiceError) {
    super(error.message);
    this.error = error;
  }
}

export interface ForwardedCall {
  /** Such as http://127.0.0.1:11434/v1 */
  readonly baseUrl: string;
  readonly body: Block;
  /** What is charged when the server does not count. */
  readonly estimate: InputUse;
  readonly left: AbortSignal;
  readonly clock: () => number;
}

/** Lets an OpenAI-compatible server answer, with its latency and by its count of tokens. */
export function forward(call: ForwardedCall): Generation {
  const state = { producedTokens: 0 };
  return {
    pieces: converse(call, state),
    producedTokens: () => state.producedTokens,
    expectedTokens: undefined,
  };
}

async function* converse(
  call: ForwardedCall,
  state: { producedTokens: number },
): AsyncGenerator<Piece, Finish | undefined> {
  const startMs = call.clock();
  let firstByteMs: number | undefined;
  const reader = createDeltaReader();
  try {
    for await (const chunk of chunksOf(call)) {
      firstByteMs ??= call.clock() - startMs;
      for (const piece of reader.read(chunk)) {
        state.producedTokens += piece.tokens;
        yield piece;
      }
    }
  } catch (error) {
    if (call.left.aborted) return undefined;
    if (error instanceof ForwardError) throw error;
    throw new ForwardError(
      serviceError('ServiceUnavailableException', `The server behind failed: ${causeOf(error)}`),
    );
  }
  yield* reader.end();
  const { outputTokens, ...told } = reader.told(call.estimate, state.producedTokens);
  state.producedTokens = outputTokens;
  const latencyMs = Math.round(call.clock() - startMs);
  return {
    kind: 'finished',
    ...told,
    outputTokens,
    latencyMs,
    firstByteMs: Math.round(firstByteMs ?? latencyMs),
  };
}

/** A whole answer is one chunk. */
async function* chunksOf({ baseUrl, body, left }: ForwardedCall): AsyncGenerator<Block> {
  const response = await fetch(`${baseUrl.replace(/\/$/, '')}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: left,
  });
  if (!response.ok) throw new ForwardError(toServiceError(response.status, await response.text()));
  if (body.stream !== true || response.body === null) {
    const answer: unknown = parseJson(await response.text());
    if (!isObject(answer)) throw brokenAnswer();
    yield answer;
    return;
  }
  for await (const data of serverSentData(response.body)) {
    if (data === '[DONE]') return;
    const chunk = parseJson(data);
    if (!isObject(chunk)) throw brokenAnswer();
    yield chunk;
  }
}

interface DeltaReader {
  readonly read: (chunk: Block) => readonly Piece[];
  readonly end: () => readonly Piece[];
  readonly told: (
    estimate: InputUse,
    producedTokens: number,
  ) => Pick<Finish, 'input' | 'outputTokens' | 'stopReason'>;
}

function createDeltaReader(): DeltaReader {
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

function toServiceError(status: number, text: string): ServiceError {
  const message = `The server behind answered ${status}: ${text.slice(0, 500)}`;
  if (status === 429) return tooManyRequests;
  if (status === 400 || status === 422) return serviceError('ValidationException', message);
  if (status === 408 || status === 504) return serviceError('ModelTimeoutException', message);
  if (status === 503) return serviceError('ServiceUnavailableException', message);
  return { ...serviceError('ModelErrorException', message), members: { originalStatusCode: status } };
}

function brokenAnswer(): ForwardError {
  const message = 'The server behind answered with something else than a chat completion.';
  return new ForwardError({
    ...serviceError('ModelErrorException', message),
    members: { originalStatusCode: 200 },
  });
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
