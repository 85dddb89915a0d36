import { serviceError } from '../faults/errors.ts';
import {
  type Block,
  isObject,
  parseJson,
  type RequestRead,
  readConverseRequest,
  withoutNulls,
} from './converse-request.ts';

const version = 'bedrock-2023-05-31';

const knownMembers = [
  'anthropic_version',
  'anthropic_beta',
  'max_tokens',
  'messages',
  'metadata',
  'output_config',
  'stop_sequences',
  'system',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
];

/**
 * Reads the body that Anthropic's models take in InvokeModel as the Converse request that asks the same. There is no
 * other body: those of other models are a ValidationException.
 */
export function readMessagesRequest(text: string): RequestRead {
  const parsed = parseJson(text);
  if (!isObject(parsed)) return malformed('the body is not a JSON object');
  const body = withoutNulls(parsed);
  const strange = Object.keys(body).find((name) => !knownMembers.includes(name));
  if (strange !== undefined) return malformed(`#: extraneous key [${strange}] is not permitted`);
  const missing = ['max_tokens', 'anthropic_version', 'messages'].find((name) => body[name] === undefined);
  if (missing !== undefined) return malformed(`#: required key [${missing}] not found`);
  if (body.anthropic_version !== version) return malformed(`#/anthropic_version: must be ${version}`);
  const fault = messagesFault(body);
  if (fault !== undefined) return malformed(fault);
  const read = readConverseRequest(JSON.stringify(toConverseBody(body)));
  return read.kind === 'error' ? malformed(read.error.message) : read;
}

function malformed(fault: string): RequestRead {
  const message = `Malformed input request: ${fault}, please reformat your input and try again.`;
  return { kind: 'error', error: serviceError('ValidationException', message) };
}

function messagesFault({ messages, system, tools }: Block): string | undefined {
  if (!Array.isArray(messages)) return '#/messages: expected type: JSONArray';
  for (const [index, message] of messages.entries()) {
    const content: unknown = isObject(message) ? message.content : undefined;
    if (typeof content !== 'string' && !isBlocks(content)) {
      return `#/messages/${index}/content: expected a text or a list of content blocks of a known type`;
    }
  }
  if (system !== undefined && typeof system !== 'string' && !isBlocks(system)) {
    return '#/system: expected a text or a list of text blocks';
  }
  return tools === undefined || (Array.isArray(tools) && tools.every(isObject))
    ? undefined
    : '#/tools: expected a list of tools';
}

const kinds: Readonly<Record<string, string>> = {
  text: 'text',
  image: 'image',
  document: 'document',
  tool_use: 'toolUse',
  tool_result: 'toolResult',
  thinking: 'reasoningContent',
  redacted_thinking: 'reasoningContent',
  search_result: 'searchResult',
};

function isBlocks(value: unknown): value is readonly Block[] {
  return (
    Array.isArray(value) && value.every((block) => isObject(block) && kinds[String(block.type)] !== undefined)
  );
}

function toConverseBody(body: Block): Block {
  const { max_tokens, temperature, top_p, stop_sequences, system, messages, tools, tool_choice } = body;
  return {
    messages: Array.isArray(messages) ? messages.map(toMessage) : [],
    ...(system === undefined ? {} : { system: toBlocks(system) }),
    inferenceConfig: { maxTokens: max_tokens, temperature, topP: top_p, stopSequences: stop_sequences },
    ...(Array.isArray(tools) ? { toolConfig: toToolConfig(tools, tool_choice) } : {}),
    ...toOutputConfig(body.output_config),
  };
}

function toMessage(message: unknown): Block {
  const { role, content } = isObject(message) ? message : {};
  return { role, content: toBlocks(content) };
}

function toBlocks(content: unknown): readonly Block[] {
  if (typeof content === 'string') return [{ text: content }];
  return isBlocks(content) ? content.flatMap(toBlock) : [];
}

function toBlock({ type, cache_control, ...rest }: Block): readonly Block[] {
  const kind = kinds[String(type)] ?? 'text';
  const block = kind === 'text' ? { text: rest.text } : { [kind]: rest };
  return isObject(cache_control) ? [block, cachePoint(cache_control)] : [block];
}

function cachePoint({ ttl }: Block): Block {
  return { cachePoint: ttl === undefined ? { type: 'default' } : { type: 'default', ttl } };
}

function toToolConfig(tools: readonly unknown[], choice: unknown): Block {
  const entries = tools.filter(isObject).flatMap(({ name, description, input_schema, cache_control }) => {
    const toolSpec = { toolSpec: { name, description, inputSchema: { json: input_schema } } };
    return isObject(cache_control) ? [toolSpec, cachePoint(cache_control)] : [toolSpec];
  });
  const { type, name } = isObject(choice) ? choice : {};
  if (type === 'tool') return { tools: entries, toolChoice: { tool: { name } } };
  return { tools: entries, toolChoice: type === 'any' ? { any: {} } : { auto: {} } };
}

function toOutputConfig(config: unknown): Block {
  const format: unknown = isObject(config) ? config.format : undefined;
  if (!isObject(format)) return {};
  const jsonSchema = { schema: JSON.stringify(format.schema) };
  return { outputConfig: { textFormat: { type: format.type, structure: { jsonSchema } } } };
}
