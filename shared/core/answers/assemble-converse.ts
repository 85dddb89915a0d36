import { isObject, type Json, memberOf, textAt } from './json-members.ts';

/** What the stream of a Converse answer comes to: the same as the answer in one piece. */
export interface ConverseAnswer {
  readonly output: { readonly message: { readonly role: string; readonly content: readonly Json[] } };
  readonly stopReason: string;
  readonly usage: Json;
  /** Whether the stream came to its end. */
  readonly isWhole: boolean;
}

interface Block {
  start: Json;
  texts: string[];
  toolInput: string;
  toolResults: unknown[];
  reasoning: { texts: string[]; signature: string | undefined; redacted: unknown };
  citations: unknown[];
}

const newBlock = (): Block => ({
  start: {},
  texts: [],
  toolInput: '',
  toolResults: [],
  reasoning: { texts: [], signature: undefined, redacted: undefined },
  citations: [],
});

const parsedInput = (json: string): unknown => {
  if (json === '') return {};
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
};

const reasoningOf = ({ reasoning }: Block): Json | undefined => {
  if (reasoning.redacted !== undefined) return { redactedContent: reasoning.redacted };
  if (reasoning.texts.length === 0 && reasoning.signature === undefined) return undefined;
  const signature = reasoning.signature === undefined ? {} : { signature: reasoning.signature };
  return { reasoningText: { text: reasoning.texts.join(''), ...signature } };
};

/** One content block, as Converse itself would give it. */
const toContent = (block: Block): Json => {
  const toolUse = memberOf(block.start, 'toolUse');
  if (isObject(toolUse)) return { toolUse: { ...toolUse, input: parsedInput(block.toolInput) } };
  const toolResult = memberOf(block.start, 'toolResult');
  if (isObject(toolResult)) return { toolResult: { ...toolResult, content: block.toolResults } };
  const reasoningContent = reasoningOf(block);
  if (reasoningContent !== undefined) return { reasoningContent };
  const text = block.texts.join('');
  return block.citations.length === 0
    ? { text }
    : { citationsContent: { content: [{ text }], citations: block.citations } };
};

const addDelta = (block: Block, delta: unknown): void => {
  const text = textAt(delta, 'text');
  if (text !== undefined) block.texts.push(text);
  block.toolInput += textAt(delta, 'toolUse', 'input') ?? '';
  const toolResult = memberOf(delta, 'toolResult');
  if (Array.isArray(toolResult)) block.toolResults.push(...toolResult);
  const citation = memberOf(delta, 'citation');
  if (citation !== undefined) block.citations.push(citation);
  const reasoning = memberOf(delta, 'reasoningContent');
  const thought = textAt(reasoning, 'text');
  if (thought !== undefined) block.reasoning.texts.push(thought);
  block.reasoning.signature = textAt(reasoning, 'signature') ?? block.reasoning.signature;
  block.reasoning.redacted = memberOf(reasoning, 'redactedContent') ?? block.reasoning.redacted;
};

/** Puts the events of a Converse stream together, one after the other. */
export const createConverseAssembly = () => {
  const blocks = new Map<number, Block>();
  let role = 'assistant';
  let stopReason: string | undefined;
  let usage: Json | undefined;

  const blockAt = (event: unknown): Block => {
    const index = Number(memberOf(event, 'contentBlockIndex') ?? 0);
    const block = blocks.get(index) ?? newBlock();
    blocks.set(index, block);
    return block;
  };

  return {
    add: (event: Json): void => {
      role = textAt(event, 'messageStart', 'role') ?? role;
      stopReason = textAt(event, 'messageStop', 'stopReason') ?? stopReason;
      const { contentBlockStart, contentBlockDelta } = event;
      if (isObject(contentBlockStart) && isObject(contentBlockStart.start))
        blockAt(contentBlockStart).start = contentBlockStart.start;
      if (isObject(contentBlockDelta)) addDelta(blockAt(contentBlockDelta), contentBlockDelta.delta);
      const counted = memberOf(event, 'metadata', 'usage');
      if (isObject(counted)) usage = counted;
    },
    answer: (): ConverseAnswer => ({
      output: {
        message: {
          role,
          content: [...blocks].toSorted(([a], [b]) => a - b).map(([, block]) => toContent(block)),
        },
      },
      stopReason: stopReason ?? 'unknown',
      usage: usage ?? {},
      isWhole: stopReason !== undefined && usage !== undefined,
    }),
  };
};
