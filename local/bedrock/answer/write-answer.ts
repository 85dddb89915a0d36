import { textBytes, textTokens } from '../request/count-tokens.ts';
import { lognormal, type Random } from '../seeded-random.ts';
import type { StopReason } from './stop-reasons.ts';

export interface WrittenText {
  readonly text: string;
  readonly outputTokens: number;
  readonly stopReason: StopReason;
  readonly stopSequence?: string;
}

export interface AnswerWish {
  /** What the answer repeats, so that it can be told from other answers. */
  readonly echo: string;
  readonly maxTokens: number;
  /** Exactly this text, without the echo. */
  readonly text?: string | undefined;
  readonly outputTokens?: number | undefined;
  readonly stopSequences?: readonly string[];
}

const medianTokens = 150;
const lengthSigma = 0.6;

const words = (
  'the model of an answer is a simple thing it counts what it says and says what it counts every token is one ' +
  'small part of a long line and the line goes on until the quota or the limit asks it to stop'
).split(' ');

export function writeAnswer(wish: AnswerWish, random: Random): WrittenText {
  const written = wish.text === undefined ? writeFreely(wish, random) : quote(wish.text, wish.maxTokens);
  return stopAtSequence(written, wish.stopSequences ?? []);
}

function writeFreely(wish: AnswerWish, random: Random): WrittenText {
  const wanted = wish.outputTokens ?? Math.max(1, Math.round(medianTokens * lognormal(random, lengthSigma)));
  const outputTokens = Math.min(wanted, wish.maxTokens);
  return {
    text: fill(`echo: ${wish.echo}`, outputTokens, random),
    outputTokens,
    stopReason: wanted > wish.maxTokens ? 'max_tokens' : 'end_turn',
  };
}

export function quote(text: string, maxTokens: number): WrittenText {
  const tokens = textTokens(Buffer.byteLength(text));
  if (tokens <= maxTokens) return { text, outputTokens: Math.max(1, tokens), stopReason: 'end_turn' };
  const cut = Buffer.from(text).subarray(0, textBytes(maxTokens));
  return {
    text: cut.toString().replace(/\uFFFD$/, ''),
    outputTokens: maxTokens,
    stopReason: 'max_tokens',
  };
}

/** The sequence itself is produced and counted, and not given back. */
function stopAtSequence(written: WrittenText, sequences: readonly string[]): WrittenText {
  const found = sequences
    .map((sequence) => ({ sequence, at: written.text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
  if (found === undefined) return written;
  const produced = written.text.slice(0, found.at + found.sequence.length);
  return {
    text: written.text.slice(0, found.at),
    outputTokens: Math.min(written.outputTokens, Math.max(1, textTokens(Buffer.byteLength(produced)))),
    stopReason: 'stop_sequence',
    stopSequence: found.sequence,
  };
}

/** Max tokens never cut the echo, even where they would not carry it: a test must always recognize its answer. */
function fill(echo: string, outputTokens: number, random: Random): string {
  const missing = textBytes(outputTokens) - Buffer.byteLength(echo);
  if (missing <= 0) return echo;
  let filler = '\n';
  while (filler.length < missing) {
    filler += `${words[Math.floor(random() * words.length)]} `;
  }
  return `${echo}${filler.slice(0, missing - 1)}.`;
}
