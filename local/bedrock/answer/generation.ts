import type { InputUse } from '../quota/token-rules.ts';
import type { Wait } from '../wait.ts';
import type { Answer, AnswerBlock } from './compose-answer.ts';
import { type Latency, tokensProduced, totalMs } from './latency.ts';
import type { StopReason } from './stop-reasons.ts';

/** What a model says, in the order in which it says it. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly tokens: number }
  | { readonly kind: 'tool'; readonly toolUseId: string; readonly name: string; readonly tokens: number }
  | { readonly kind: 'tool_input'; readonly json: string; readonly tokens: number }
  | { readonly kind: 'block_end'; readonly tokens: 0 };

export interface Finish {
  readonly kind: 'finished';
  readonly input: InputUse;
  readonly outputTokens: number;
  readonly stopReason: StopReason;
  readonly stopSequence?: string | undefined;
  readonly latencyMs: number;
  readonly firstByteMs: number;
}

/** One answer on its way. */
export interface Generation {
  /** Ends with undefined when the client has left. */
  readonly pieces: AsyncGenerator<Piece, Finish | undefined>;
  /** So far. */
  readonly producedTokens: () => number;
  /** Undefined when nobody knows. */
  readonly expectedTokens: number | undefined;
}

export interface SimulatedGeneration {
  readonly answer: Answer;
  readonly input: InputUse;
  readonly latency: Latency;
  /** Whether pieces come at their time, or all in the end. */
  readonly paced: boolean;
  readonly left: AbortSignal;
  readonly wait: Wait;
  readonly clock: () => number;
}

export function simulate(options: SimulatedGeneration): Generation {
  const { answer, latency, clock } = options;
  const startMs = clock();
  return {
    pieces: options.paced ? speak(options, startMs) : sayAtOnce(options),
    producedTokens: () => tokensProduced(latency, answer.outputTokens, clock() - startMs),
    expectedTokens: answer.outputTokens,
  };
}

async function* sayAtOnce(options: SimulatedGeneration): AsyncGenerator<Piece, Finish | undefined> {
  const { answer, latency, left, wait } = options;
  if (!(await wait(totalMs(latency), left))) return undefined;
  yield* answer.blocks.flatMap((block) => wholeBlock(block, answer.outputTokens));
  return finishOf(options);
}

/** Each piece comes after its last token, by the clock: late timers do not add up. */
async function* speak(
  options: SimulatedGeneration,
  startMs: number,
): AsyncGenerator<Piece, Finish | undefined> {
  const { answer, latency, left, wait, clock } = options;
  let spokenTokens = 0;
  for (const piece of answer.blocks.flatMap((block) => cutBlock(block, answer.outputTokens))) {
    spokenTokens += piece.tokens;
    const share = Math.min(1, spokenTokens / answer.outputTokens);
    const dueMs = startMs + latency.ttftMs + latency.generationMs * share;
    if (!(await wait(dueMs - clock(), left))) return undefined;
    yield piece;
  }
  return finishOf(options);
}

function finishOf({ answer, input, latency }: SimulatedGeneration): Finish {
  const { outputTokens, stopReason, stopSequence } = answer;
  const latencyMs = Math.round(totalMs(latency));
  const firstByteMs = Math.round(latency.ttftMs);
  return { kind: 'finished', input, outputTokens, stopReason, stopSequence, latencyMs, firstByteMs };
}

function wholeBlock(block: AnswerBlock, tokens: number): readonly Piece[] {
  return [...(block.kind === 'text' ? [{ ...block, tokens }] : toolPieces(block, tokens, 1)), blockEnd];
}

const blockEnd: Piece = { kind: 'block_end', tokens: 0 };

/** About four tokens each, as the service sends them, and few enough for long answers. */
const tokensPerPiece = 4;
const maxPieces = 200;

function cutBlock(block: AnswerBlock, outputTokens: number): readonly Piece[] {
  const count = Math.min(maxPieces, Math.max(1, Math.ceil(outputTokens / tokensPerPiece)));
  if (block.kind === 'tool') return [...toolPieces(block, outputTokens, count), blockEnd];
  const texts = cutText(block.text, count);
  const tokens = spread(outputTokens, texts.length);
  const pieces = texts.map((text, index): Piece => ({ kind: 'text', text, tokens: tokens[index] ?? 0 }));
  return [...pieces, blockEnd];
}

type ToolBlock = Extract<AnswerBlock, { kind: 'tool' }>;

function toolPieces(
  { toolUseId, name, input }: ToolBlock,
  outputTokens: number,
  count: number,
): readonly Piece[] {
  const texts = cutText(JSON.stringify(input), count);
  const [first = 0, ...tokens] = spread(outputTokens, texts.length + 1);
  const inputs = texts.map(
    (json, index): Piece => ({ kind: 'tool_input', json, tokens: tokens[index] ?? 0 }),
  );
  return [{ kind: 'tool', toolUseId, name, tokens: first }, ...inputs];
}

/** No character is cut in two. */
function cutText(text: string, count: number): readonly string[] {
  const characters = Array.from(text);
  const length = Math.max(1, Math.ceil(characters.length / count));
  const starts = Array.from(
    { length: Math.max(1, Math.ceil(characters.length / length)) },
    (_, index) => index * length,
  );
  return starts.map((start) => characters.slice(start, start + length).join(''));
}

/** Whole numbers that add up to the total. */
function spread(total: number, count: number): readonly number[] {
  const until = (index: number) => Math.round((total * index) / count);
  return Array.from({ length: count }, (_, index) => until(index + 1) - until(index));
}
