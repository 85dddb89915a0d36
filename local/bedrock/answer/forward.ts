import type { InputUse } from '../quota/token-rules.ts';
import { type Block, isObject, parseJson } from '../request/converse-request.ts';
import { readBoundedText } from '../wire/bounded-text.ts';
import { serverSentData } from '../wire/server-sent-data.ts';
import { createDeltaReader } from './delta-reader.ts';
import {
  ForwardError,
  failedBehind,
  noChatCompletion,
  refusedBehind,
  silentBehind,
} from './forward-error.ts';
import type { Finish, Generation, Piece } from './generation.ts';
import { type SilenceWatch, watchSilence } from './silence-watch.ts';

export interface ForwardedCall {
  /** Such as http://127.0.0.1:11434/v1 */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly body: Block;
  /** What is charged when the server does not count. */
  readonly estimate: InputUse;
  readonly left: AbortSignal;
  readonly silenceMs: number;
  readonly clock: () => number;
}

const maxAnswerBytes = 25_000_000;
const maxEventCharacters = 4_000_000;
const maxErrorBytes = 2_000;

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
  const watch = watchSilence(call.silenceMs, call.left);
  try {
    for await (const chunk of chunksOf(call, watch)) {
      firstByteMs ??= call.clock() - startMs;
      for (const piece of reader.read(chunk)) {
        state.producedTokens += piece.tokens;
        yield piece;
      }
    }
  } catch (error) {
    if (call.left.aborted) return undefined;
    if (watch.fired()) throw silentBehind();
    throw error instanceof ForwardError ? error : failedBehind(error);
  } finally {
    watch.stop();
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
async function* chunksOf(
  { baseUrl, apiKey, body }: ForwardedCall,
  watch: SilenceWatch,
): AsyncGenerator<Block> {
  const response = await fetch(`${baseUrl.replace(/\/$/, '')}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal: watch.signal,
  });
  const bytes = heardBytes(response.body, watch);
  if (!response.ok) {
    // The status says more than how its body ended.
    const { text } = await readBoundedText(bytes, maxErrorBytes).catch(() => ({ text: '' }));
    throw refusedBehind(response.status, text);
  }
  if (body.stream !== true || isJson(response)) {
    const { text, cut } = await readBoundedText(bytes, maxAnswerBytes);
    if (cut) throw noChatCompletion(`: more than ${maxAnswerBytes} bytes`);
    yield checkWhole(checkChunk(parseJson(text)));
    return;
  }
  yield* chunksOfStream(bytes);
}

/** A stream that ends without a word of its end was cut, also where its connection ended in order. */
async function* chunksOfStream(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let hasEnd = false;
  for await (const data of serverSentData(bytes, maxEventCharacters)) {
    if (data === '[DONE]') return;
    const chunk = checkChunk(parseJson(data));
    const choice = choiceOf(chunk);
    hasEnd ||= isObject(choice) && typeof choice.finish_reason === 'string';
    yield chunk;
  }
  if (!hasEnd) throw new Error('its stream ended in the middle');
}

/** Some servers answer whole, whatever they are asked for. */
function isJson({ headers }: Response): boolean {
  return /^application\/json\b/i.test(headers.get('content-type') ?? '');
}

async function* heardBytes(
  body: AsyncIterable<Uint8Array> | null,
  watch: SilenceWatch,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body ?? []) {
    watch.heard();
    yield chunk;
  }
}

/** Servers tell of errors within a stream, too. */
function checkChunk(chunk: unknown): Block {
  if (isObject(chunk) && Array.isArray(chunk.choices)) return chunk;
  const told = isObject(chunk) && chunk.error !== undefined;
  throw noChatCompletion(told ? `: ${JSON.stringify(chunk.error)}` : '.');
}

/** Chunks of a stream may have no choice, such as the one that tells the use; an answer must. */
function checkWhole(answer: Block): Block {
  const choice = choiceOf(answer);
  if (isObject(choice) && isObject(choice.message)) return answer;
  throw noChatCompletion(': it has no choice with a message');
}

function choiceOf({ choices }: Block): unknown {
  return Array.isArray(choices) ? choices[0] : undefined;
}
