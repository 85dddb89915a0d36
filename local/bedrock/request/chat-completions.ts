import { blockMembers } from './content-kinds.ts';
import { type Block, type ConverseRequest, isObject, type Message } from './converse-request.ts';
import type { Features } from './features.ts';

export type ChatRead =
  | { readonly kind: 'chat'; readonly body: Block }
  | { readonly kind: 'fault'; readonly message: string };

export interface ChatOptions {
  readonly model: string;
  readonly features: Features;
  readonly maxTokens: number;
  readonly stream: boolean;
}

/** The request in the form of OpenAI's chat completions. */
export function toChatRequest(request: ConverseRequest, options: ChatOptions): ChatRead {
  const { model, features, maxTokens, stream } = options;
  const messages: Block[] = [];
  const system = request.system.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
  if (system !== '') messages.push({ role: 'system', content: system });
  for (const message of request.messages) {
    const read = toChatMessages(message);
    if (typeof read === 'string') return { kind: 'fault', message: read };
    messages.push(...read);
  }
  const { temperature, topP } = request.inferenceConfig;
  return {
    kind: 'chat',
    body: {
      model,
      messages,
      max_tokens: maxTokens,
      temperature,
      top_p: topP,
      ...(features.stopSequences.length === 0 ? {} : { stop: features.stopSequences }),
      ...toolMembers(features),
      ...formatMember(features),
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    },
  };
}

function toChatMessages({ role, content }: Message): readonly Block[] | string {
  const parts: Block[] = [];
  const calls: Block[] = [];
  const results: Block[] = [];
  for (const block of content) {
    const [kind = ''] = blockMembers(block);
    if (kind === 'cachePoint') continue;
    const value = block[kind];
    if (kind === 'text') parts.push({ type: 'text', text: value });
    else if (kind === 'image' && isObject(value)) parts.push(toImagePart(value));
    else if (kind === 'toolUse' && isObject(value)) calls.push(toToolCall(value));
    else if (kind === 'toolResult' && isObject(value)) results.push(toToolMessage(value));
    else return `The simulator cannot forward content of the kind ${kind}`;
  }
  const own = parts.length === 0 && calls.length === 0 ? [] : [toMessage(role, parts, calls)];
  return [...results, ...own];
}

/** Many servers take plain text only: a list of parts is for messages with images. */
function toMessage(role: string, parts: readonly Block[], calls: readonly Block[]): Block {
  const plain = parts.every(({ type }) => type === 'text');
  const content = plain ? parts.map(({ text }) => text).join('\n') : parts;
  return { role, content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}

function toImagePart({ format, source }: Block): Block {
  const bytes = isObject(source) && typeof source.bytes === 'string' ? source.bytes : '';
  return { type: 'image_url', image_url: { url: `data:image/${String(format)};base64,${bytes}` } };
}

function toToolCall({ toolUseId, name, input }: Block): Block {
  return { id: toolUseId, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}

function toToolMessage({ toolUseId, content }: Block): Block {
  const blocks = Array.isArray(content) ? content.filter(isObject) : [];
  const texts = blocks.map((block) =>
    typeof block.text === 'string' ? block.text : JSON.stringify(block.json ?? block),
  );
  return { role: 'tool', tool_call_id: toolUseId, content: texts.join('\n') };
}

function toolMembers({ tools, choice }: Features): Block {
  if (tools.length === 0) return {};
  const functions = tools.map(({ name, description, inputSchema }) => ({
    type: 'function',
    function: { name, description, parameters: inputSchema },
  }));
  const named = choice.kind === 'tool' ? { type: 'function', function: { name: choice.name } } : undefined;
  return { tools: functions, tool_choice: named ?? (choice.kind === 'any' ? 'required' : 'auto') };
}

function formatMember({ outputSchema: schema }: Features): Block {
  if (schema === undefined) return {};
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } };
}
