import { type ServiceError, serviceError, tooManyRequests } from '../faults/errors.ts';
import type { InputUse } from '../quota/token-rules.ts';
import { type Block, isObject, parseJson } from '../request/converse-request.ts';
import { serverSentData } from '../wire/server-sent-data.ts';
import { createDeltaReader } from './delta-reader.ts';
import type { Finish, Generation, Piece } from './generation.ts';

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
    yield checkChunk(parseJson(await response.text()));
    return;
  }
  for await (const data of serverSentData(response.body)) {
    if (data === '[DONE]') return;
    yield checkChunk(parseJson(data));
  }
}

/** Servers tell of errors within a stream, too. */
function checkChunk(chunk: unknown): Block {
  if (isObject(chunk) && Array.isArray(chunk.choices)) return chunk;
  const told = isObject(chunk) && chunk.error !== undefined ? `: ${JSON.stringify(chunk.error)}` : '.';
  const message = `The server behind answered with something else than a chat completion${told}`;
  const error = serviceError('ModelErrorException', message.slice(0, maxMessageCharacters));
  throw new ForwardError({ ...error, members: { originalStatusCode: 200 } });
}

const maxMessageCharacters = 600;

function toServiceError(status: number, text: string): ServiceError {
  const message = `The server behind answered ${status}: ${text.slice(0, 500)}`;
  if (status === 429) return tooManyRequests;
  if (status === 400 || status === 422) return serviceError('ValidationException', message);
  if (status === 408 || status === 504) return serviceError('ModelTimeoutException', message);
  if (status === 503) return serviceError('ServiceUnavailableException', message);
  return { ...serviceError('ModelErrorException', message), members: { originalStatusCode: status } };
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
