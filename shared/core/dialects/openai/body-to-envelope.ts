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
import { type ConversionContext, chooseModel } from '../model-names.ts';

const CARRIED = new Set([
  'model',
  'messages',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'stop',
  'tools',
  'tool_choice',
  'response_format',
]);

/** Nothing in an answer depends on them, or nobody promises that it does. */
const NOT_SENT = new Set([
  'user',
  'seed',
  'store',
  'metadata',
  'service_tier',
  'stream',
  'stream_options',
  'parallel_tool_calls',
  'safety_identifier',
  'prompt_cache_key',
]);

/** Taken as long as they say what is meant without them. */
const NEUTRAL: Readonly<Record<string, unknown>> = {
  n: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  logprobs: false,
};

const DATA_URL = /^data:([^;,]+);base64,(.*)$/s;

const toPart = (part: unknown, pointer: string): Parts => {
  const { type, text, image_url: image } = isObject(part) ? part : {};
  if (type === 'text' && typeof text === 'string') return { blocks: [textBlock(text)], faults: [] };
  if (type === 'image_url') {
    const url = isObject(image) ? image.url : undefined;
    const [, mediaType, data] = DATA_URL.exec(typeof url === 'string' ? url : '') ?? [];
    return imageBlock(mediaType, data, `${pointer}/image_url`);
  }
  return { blocks: [], faults: [fault(`${pointer}/type`, `\`${String(type)}\` has no place in Converse`)] };
};

const toParts = (content: unknown, pointer: string): Parts => {
  if (content === undefined || content === '') return NO_PARTS;
  if (typeof content === 'string') return { blocks: [textBlock(content)], faults: [] };
  if (!Array.isArray(content))
    return { blocks: [], faults: [fault(pointer, 'must be text or a list of parts')] };
  return joinParts(content.map((part, index) => toPart(part, `${pointer}/${index}`)));
};

const toToolUses = (calls: unknown, pointer: string): Parts =>
  joinParts(
    (Array.isArray(calls) ? calls : []).map((call, index): Parts => {
      const { id, function: called } = isObject(call) ? call : {};
      const { name, arguments: text } = isObject(called) ? called : {};
      try {
        return { blocks: [toolUseBlock(id, name, JSON.parse(String(text)))], faults: [] };
      } catch {
        const place = `${pointer}/tool_calls/${index}/function/arguments`;
        return { blocks: [], faults: [fault(place, 'must be JSON')] };
      }
    }),
  );

interface Conversation {
  readonly system: readonly Json[];
  readonly turns: readonly Turn[];
  readonly faults: readonly PlaceFault[];
}

const toConversation = (messages: unknown, base: string): Conversation => {
  if (!Array.isArray(messages))
    return { system: [], turns: [], faults: [fault(`${base}/messages`, 'must be a list of messages')] };
  const system: Json[] = [];
  const turns: Turn[] = [];
  const faults: PlaceFault[] = [];
  for (const [index, message] of messages.entries()) {
    const pointer = `${base}/messages/${index}`;
    const {
      role,
      content,
      tool_calls: calls,
      tool_call_id: callId,
    } = withoutNulls(isObject(message) ? message : {});
    const parts = toParts(content, `${pointer}/content`);
    const uses = toToolUses(calls, pointer);
    faults.push(...parts.faults, ...uses.faults);
    if (role === 'system' || role === 'developer') system.push(...parts.blocks);
    else if (role === 'tool') turns.push({ role: 'user', content: [toolResultBlock(callId, parts.blocks)] });
    else if (role === 'user' || role === 'assistant')
      turns.push({ role, content: [...parts.blocks, ...uses.blocks] });
    else faults.push(fault(`${pointer}/role`, 'must be one of system, developer, user, assistant, tool'));
  }
  return { system, turns: mergeTurns(turns), faults };
};

const toChoice = (choice: unknown): Json | undefined => {
  if (choice === 'required') return { any: {} };
  if (!isObject(choice) || !isObject(choice.function)) return undefined;
  return { tool: { name: choice.function.name } };
};

const toToolConfig = ({ tools, tool_choice: choice }: Json): Json | undefined => {
  // Whoever may call none needs none.
  if (!Array.isArray(tools) || tools.length === 0 || choice === 'none') return undefined;
  const specs = tools.map((tool) => {
    const { name, description, parameters } = isObject(tool) && isObject(tool.function) ? tool.function : {};
    return toolSpec(name, description, parameters);
  });
  return given({ tools: specs, toolChoice: toChoice(choice) });
};

const toOutputConfig = (format: unknown): Json | undefined => {
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.json_schema)) return undefined;
  const { name, description, schema } = format.json_schema;
  const jsonSchema = given({ name, description, schema: JSON.stringify(schema ?? {}) });
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
};

const formatFaults = (format: unknown, base: string): readonly PlaceFault[] =>
  isObject(format) && format.type === 'json_object'
    ? [fault(`${base}/response_format/type`, '`json_object` has no place in Converse; give a `json_schema`')]
    : [];

const notCarried = (body: Json, base: string): readonly PlaceFault[] =>
  Object.entries(body).flatMap(([name, value]) => {
    if (CARRIED.has(name) || NOT_SENT.has(name)) return [];
    if (name in NEUTRAL && value === NEUTRAL[name]) return [];
    return [fault(`${base}/${name}`, 'has no place in Converse; leave it out')];
  });

const toConverse = (body: Json, base: string): Converted => {
  const { system, turns, faults } = toConversation(body.messages, base);
  const all = [...notCarried(body, base), ...formatFaults(body.response_format, base), ...faults];
  if (all.length > 0) return faulty(...all);
  const { stop } = body;
  const converse = given({
    messages: turns,
    system,
    inferenceConfig: given({
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      temperature: body.temperature,
      topP: body.top_p,
      stopSequences: typeof stop === 'string' ? [stop] : stop,
    }),
    toolConfig: toToolConfig(body),
    outputConfig: toOutputConfig(body.response_format),
  });
  return { ok: true, envelope: { converse } };
};

/** The body of a chat completion in our form. `base` is where it stands. */
export const openAiToEnvelope = (body: unknown, base: string, context: ConversionContext): Converted => {
  if (!isObject(body)) return faulty(notAnObject(base, body));
  const chosen = chooseModel(body.model, `${base}/model`, context);
  const converted = toConverse(withoutNulls(body), base);
  if (!chosen.ok) return faulty(chosen.fault, ...(converted.ok ? [] : converted.faults));
  return converted.ok
    ? { ok: true, envelope: { model: chosen.model.name, ...converted.envelope } }
    : converted;
};
