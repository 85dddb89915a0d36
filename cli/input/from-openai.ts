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
} from './converse-parts.ts';
import {
  type Converted,
  fault,
  faulty,
  type InputFault,
  type InputItem,
  isObject,
  type JsonObject,
  notAnObject,
  type RawRecord,
  withoutNulls,
} from './input-item.ts';
import { type ConversionContext, chooseModel } from './model-names.ts';

const PATH = '/v1/chat/completions';

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
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
  readonly faults: readonly InputFault[];
}

const toConversation = (messages: unknown): Conversation => {
  if (!Array.isArray(messages))
    return { system: [], turns: [], faults: [fault('/body/messages', 'must be a list of messages')] };
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  const faults: InputFault[] = [];
  for (const [index, message] of messages.entries()) {
    const pointer = `/body/messages/${index}`;
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

const toChoice = (choice: unknown): JsonObject | undefined => {
  if (choice === 'required') return { any: {} };
  if (!isObject(choice) || !isObject(choice.function)) return undefined;
  return { tool: { name: choice.function.name } };
};

const toToolConfig = ({ tools, tool_choice: choice }: JsonObject): JsonObject | undefined => {
  // Whoever may call none needs none.
  if (!Array.isArray(tools) || tools.length === 0 || choice === 'none') return undefined;
  const specs = tools.map((tool) => {
    const { name, description, parameters } = isObject(tool) && isObject(tool.function) ? tool.function : {};
    return toolSpec(name, description, parameters);
  });
  return given({ tools: specs, toolChoice: toChoice(choice) });
};

const toOutputConfig = (format: unknown): JsonObject | undefined => {
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.json_schema)) return undefined;
  const { name, description, schema } = format.json_schema;
  const jsonSchema = given({ name, description, schema: JSON.stringify(schema ?? {}) });
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
};

const formatFaults = (format: unknown): readonly InputFault[] =>
  isObject(format) && format.type === 'json_object'
    ? [fault('/body/response_format/type', '`json_object` has no place in Converse; give a `json_schema`')]
    : [];

const notCarried = (body: JsonObject): readonly InputFault[] =>
  Object.entries(body).flatMap(([name, value]) => {
    if (CARRIED.has(name) || NOT_SENT.has(name)) return [];
    if (name in NEUTRAL && value === NEUTRAL[name]) return [];
    return [fault(`/body/${name}`, 'has no place in Converse; leave it out')];
  });

const toConverse = (body: JsonObject): Converted => {
  const { system, turns, faults } = toConversation(body.messages);
  const all = [...notCarried(body), ...formatFaults(body.response_format), ...faults];
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

const convert = (value: JsonObject, context: ConversionContext): Converted => {
  const { url, body, method } = value;
  if (!isObject(body)) return faulty(notAnObject('/body', body));
  if (url !== PATH) return faulty(fault('/url', `must be ${PATH}, not \`${String(url)}\``));
  if (method !== undefined && method !== 'POST') return faulty(fault('/method', 'must be POST'));
  const chosen = chooseModel(body.model, '/body/model', context);
  const converted = toConverse(withoutNulls(body));
  if (!chosen.ok) return faulty(chosen.fault, ...(converted.ok ? [] : converted.faults));
  return converted.ok
    ? { ok: true, envelope: { model: chosen.model.name, ...converted.envelope } }
    : converted;
};

export const looksLikeOpenAi = (value: JsonObject): boolean => 'url' in value && isObject(value.body);

export const fromOpenAi = ({ line, value }: RawRecord, context: ConversionContext): InputItem => {
  if (!isObject(value)) return { line, id: undefined, source: {}, converted: faulty(notAnObject('', value)) };
  const id = typeof value.custom_id === 'string' ? value.custom_id : undefined;
  return { line, id, source: value, converted: convert(value, context) };
};
