import { isObject, type Json } from '../../answers/json-members.ts';
import {
  given,
  imageBlock,
  joinParts,
  mergeTurns,
  NO_PARTS,
  type Parts,
  type Turn,
  textBlock,
  toolResultBlock,
  toolSpec,
  toolUseBlock,
} from '../converse-parts.ts';
import { type Converted, fault, faulty, notAnObject, type PlaceFault, withoutNulls } from '../converted.ts';
import { type ConversionContext, chooseModel, isAnthropic, type NamedModel } from '../model-names.ts';

/** The version of the Messages API that Bedrock speaks. */
const ANTHROPIC_VERSION = 'bedrock-2023-05-31';

/** Of the Messages API and not of Bedrock; nothing in an answer depends on them. */
const NOT_SENT = new Set(['model', 'stream', 'metadata', 'service_tier']);

/** What Converse has a place for. */
const CARRIED = new Set([
  ...NOT_SENT,
  'messages',
  'system',
  'max_tokens',
  'temperature',
  'top_p',
  'stop_sequences',
  'tools',
  'tool_choice',
]);

const toBlock = (block: unknown, pointer: string): Parts => {
  if (!isObject(block)) return { blocks: [], faults: [notAnObject(pointer, block)] };
  const { type, text, source, id, name, input, tool_use_id: toolUseId, content } = block;
  if (type === 'text' && typeof text === 'string') return { blocks: [textBlock(text)], faults: [] };
  if (type === 'image' && isObject(source)) return imageBlock(source.media_type, source.data, pointer);
  if (type === 'tool_use') return { blocks: [toolUseBlock(id, name, input)], faults: [] };
  if (type === 'tool_result') {
    const inner = content === undefined ? NO_PARTS : toBlocks(content, `${pointer}/content`);
    return { blocks: [toolResultBlock(toolUseId, inner.blocks)], faults: inner.faults };
  }
  return { blocks: [], faults: [fault(`${pointer}/type`, `\`${String(type)}\` has no place in Converse`)] };
};

const toBlocks = (content: unknown, pointer: string): Parts => {
  if (typeof content === 'string') return { blocks: [textBlock(content)], faults: [] };
  if (!Array.isArray(content))
    return { blocks: [], faults: [fault(pointer, 'must be text or a list of blocks')] };
  return joinParts(content.map((block, index) => toBlock(block, `${pointer}/${index}`)));
};

const toTurns = (
  messages: unknown,
  base: string,
): { readonly turns: readonly Turn[]; readonly faults: readonly PlaceFault[] } => {
  if (!Array.isArray(messages))
    return { turns: [], faults: [fault(`${base}/messages`, 'must be a list of messages')] };
  const turns: Turn[] = [];
  const faults: PlaceFault[] = [];
  for (const [index, message] of messages.entries()) {
    const pointer = `${base}/messages/${index}`;
    const { role, content } = isObject(message) ? message : {};
    if (role !== 'user' && role !== 'assistant') {
      faults.push(fault(`${pointer}/role`, 'must be `user` or `assistant`'));
      continue;
    }
    const parts = toBlocks(content, `${pointer}/content`);
    turns.push({ role, content: parts.blocks });
    faults.push(...parts.faults);
  }
  return { turns: mergeTurns(turns), faults };
};

const toChoice = (choice: unknown): Json | undefined => {
  if (!isObject(choice)) return undefined;
  if (choice.type === 'any') return { any: {} };
  return choice.type === 'tool' ? { tool: { name: choice.name } } : { auto: {} };
};

const toToolConfig = ({ tools, tool_choice: choice }: Json): Json | undefined => {
  if (!Array.isArray(tools) || tools.length === 0) return undefined;
  const specs = tools.map((tool) => {
    const { name, description, input_schema: schema } = isObject(tool) ? tool : {};
    return toolSpec(name, description, schema);
  });
  return given({ tools: specs, toolChoice: toChoice(choice) });
};

const notCarried = (params: Json, { modelId }: NamedModel, base: string): readonly PlaceFault[] =>
  Object.keys(params)
    .filter((name) => !CARRIED.has(name))
    .map((name) => fault(`${base}/${name}`, `cannot be said to ${modelId}: it is not one of Anthropic’s`));

const toConverse = (params: Json, model: NamedModel, base: string): Converted => {
  const { turns, faults } = toTurns(params.messages, base);
  const system = params.system === undefined ? NO_PARTS : toBlocks(params.system, `${base}/system`);
  const all = [...notCarried(params, model, base), ...faults, ...system.faults];
  if (all.length > 0) return faulty(...all);
  const converse = given({
    messages: turns,
    system: system.blocks,
    inferenceConfig: given({
      maxTokens: params.max_tokens,
      temperature: params.temperature,
      topP: params.top_p,
      stopSequences: params.stop_sequences,
    }),
    toolConfig: toToolConfig(params),
  });
  return { ok: true, envelope: { converse } };
};

/**
 * The parameters of a message in our form: to one of Anthropic's models they go in Anthropic's words, to another in those
 * that all understand. `base` is where they stand.
 */
export const anthropicToEnvelope = (params: unknown, base: string, context: ConversionContext): Converted => {
  if (!isObject(params)) return faulty(notAnObject(base, params));
  const chosen = chooseModel(params.model, `${base}/model`, context);
  if (!chosen.ok) return faulty(chosen.fault);
  const { name } = chosen.model;
  const set = withoutNulls(params);
  if (isAnthropic(chosen.model)) {
    const body = Object.fromEntries(Object.entries(set).filter(([key]) => !NOT_SENT.has(key)));
    return {
      ok: true,
      envelope: { model: name, invoke_model: { anthropic_version: ANTHROPIC_VERSION, ...body } },
    };
  }
  const converted = toConverse(set, chosen.model, base);
  return converted.ok ? { ok: true, envelope: { model: name, ...converted.envelope } } : converted;
};
