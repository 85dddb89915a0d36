import { textTokens } from '../request/count-tokens.ts';
import type { Directives, ToolWish } from '../request/directives.ts';
import type { Features, Tool } from '../request/features.ts';
import type { Random } from '../seeded-random.ts';
import { smallestInstance } from './json-instance.ts';
import type { StopReason } from './stop-reasons.ts';
import { quote, type WrittenText, writeAnswer } from './write-answer.ts';

export type AnswerBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool'; readonly toolUseId: string; readonly name: string; readonly input: unknown };

export interface Answer {
  readonly blocks: readonly AnswerBlock[];
  readonly outputTokens: number;
  readonly stopReason: StopReason;
  readonly stopSequence?: string;
}

export interface AnswerOptions {
  readonly echo: string;
  readonly maxTokens: number;
  readonly features: Features;
  readonly directives: Directives;
}

export type AnswerRead =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** Something was asked that the simulator cannot do. */
  | { readonly kind: 'fault'; readonly message: string };

/** A tool call where one is asked or forced, then JSON where a schema is given, then text. */
export function composeAnswer(options: AnswerOptions, random: Random): AnswerRead {
  const { features, directives } = options;
  const { stop } = directives;
  if (stop === 'guardrail_intervened' && !features.hasGuardrail) {
    return {
      kind: 'fault',
      message: 'The simulator cannot follow stop=guardrail_intervened without guardrailConfig',
    };
  }
  const wish = toolWish(features, directives);
  const read = wish === undefined ? composeText(options, random) : callTool(wish, options, random);
  if (read.kind === 'fault' || stop === undefined) return read;
  return { kind: 'answer', answer: { ...read.answer, stopReason: stop } };
}

/** A directive is stronger than the tool choice of the request. */
function toolWish({ choice, tools }: Features, { tool, text }: Directives): ToolWish | undefined {
  if (tool !== undefined || text !== undefined || choice.kind === 'auto') return tool;
  const name = choice.kind === 'tool' ? choice.name : tools[0]?.name;
  return name === undefined ? undefined : { name };
}

function composeText(options: AnswerOptions, random: Random): AnswerRead {
  const { echo, maxTokens, features, directives } = options;
  const { outputSchema, stopSequences } = features;
  const { text, outputTokens } = directives;
  if (outputSchema !== undefined && text === undefined) {
    const instance = smallestInstance(outputSchema);
    return instance.kind === 'unable'
      ? { kind: 'fault', message: `The simulator cannot write JSON of this schema: ${instance.reason}` }
      : toAnswer(quote(JSON.stringify(instance.value), maxTokens));
  }
  return toAnswer(writeAnswer({ echo, maxTokens, text, outputTokens, stopSequences }, random));
}

function toAnswer({ text, ...rest }: WrittenText): AnswerRead {
  return { kind: 'answer', answer: { blocks: [{ kind: 'text', text }], ...rest } };
}

/** What a tool call costs beyond its name and input. */
const tokensPerCall = 10;

function callTool({ name, input }: ToolWish, options: AnswerOptions, random: Random): AnswerRead {
  const tool = options.features.tools.find((each) => each.name === name);
  if (tool === undefined)
    return { kind: 'fault', message: `The simulator cannot call ${name}: it is no tool of the request` };
  const instance = input === undefined ? smallestInputOf(tool) : { kind: 'instance' as const, value: input };
  if (instance.kind === 'unable') {
    return { kind: 'fault', message: `The simulator cannot write input for ${name}: ${instance.reason}` };
  }
  const json = JSON.stringify(instance.value);
  const outputTokens = tokensPerCall + textTokens(Buffer.byteLength(name + json));
  if (outputTokens > options.maxTokens) return cutToolCall(name, json, options.maxTokens);
  const block = { kind: 'tool' as const, toolUseId: toolUseIdFrom(random), name, input: instance.value };
  return { kind: 'answer', answer: { blocks: [block], outputTokens, stopReason: 'tool_use' } };
}

/** A call that does not fit is left as the beginning of a text. */
function cutToolCall(name: string, json: string, maxTokens: number): AnswerRead {
  return toAnswer({
    ...quote(`I call the tool ${name} with ${json}`, maxTokens),
    outputTokens: maxTokens,
    stopReason: 'max_tokens',
  });
}

function smallestInputOf({ inputSchema }: Tool): ReturnType<typeof smallestInstance> {
  return smallestInstance(inputSchema);
}

const idLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const idLength = 22;

function toolUseIdFrom(random: Random): string {
  const letter = () => idLetters.charAt(Math.floor(random() * idLetters.length));
  return `tooluse_${Array.from({ length: idLength }, letter).join('')}`;
}
