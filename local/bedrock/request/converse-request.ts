import { type ServiceError, serviceError } from '../faults/errors.ts';

export interface ConverseRequest {
  readonly messages: readonly Message[];
  readonly system: readonly Block[];
  readonly inferenceConfig: InferenceConfig;
  /** As the client sent them; `readFeatures` takes them apart. */
  readonly toolConfig?: unknown;
  readonly outputConfig?: unknown;
  readonly guardrailConfig?: unknown;
  readonly additionalModelResponseFieldPaths?: unknown;
  /** Given back as the tier that served the call. */
  readonly serviceTier?: unknown;
  readonly performanceConfig?: unknown;
  /** Its member `marker` names the call in the truth. */
  readonly requestMetadata?: unknown;
}

export interface Message {
  readonly role: string;
  readonly content: readonly Block[];
}

/** A union: one member names the kind of content. */
export type Block = Readonly<Record<string, unknown>>;

export interface InferenceConfig {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stopSequences?: readonly string[];
}

export type RequestRead =
  | { readonly kind: 'request'; readonly request: ConverseRequest }
  | { readonly kind: 'error'; readonly error: ServiceError };

/** Checks the shape only: what the service cannot take apart is a SerializationException. */
export function readConverseRequest(body: string): RequestRead {
  const parsed = parseJson(body);
  if (!isObject(parsed)) return malformed('The request body is not a JSON object');
  const { messages = [], system = [], inferenceConfig = {}, ...rest } = withoutNulls(parsed);
  if (!isList(messages)) return malformed('messages must be a list');
  if (!isBlocks(system)) return malformed('system must be a list of content blocks');
  if (!isObject(inferenceConfig)) return malformed('inferenceConfig must be an object');
  const read: Message[] = [];
  for (const [index, message] of messages.entries()) {
    const { role, content = [] } = isObject(message) ? withoutNulls(message) : {};
    if (typeof role !== 'string') return malformed(`messages.${index}.role must be a string`);
    if (!isBlocks(content)) return malformed(`messages.${index}.content must be a list of content blocks`);
    if (!hasTextOnlyAsString(content)) return malformed(`messages.${index}.content: text must be a string`);
    read.push({ role, content });
  }
  if (!hasTextOnlyAsString(system)) return malformed('system: text must be a string');
  const config = readConfig(withoutNulls(inferenceConfig));
  if (typeof config === 'string') return malformed(config);
  const { toolConfig, outputConfig, guardrailConfig, serviceTier, performanceConfig } = rest;
  const { additionalModelResponseFieldPaths, requestMetadata } = rest;
  return {
    kind: 'request',
    request: {
      messages: read,
      system,
      inferenceConfig: config,
      toolConfig,
      outputConfig,
      guardrailConfig,
      additionalModelResponseFieldPaths,
      serviceTier,
      performanceConfig,
      requestMetadata,
    },
  };
}

function readConfig(config: Block): InferenceConfig | string {
  const numbers = readNumbers(config);
  const { stopSequences } = config;
  if (typeof numbers === 'string' || stopSequences === undefined) return numbers;
  const texts = isList(stopSequences) ? stopSequences.filter((each) => typeof each === 'string') : undefined;
  if (texts === undefined || !isList(stopSequences) || texts.length !== stopSequences.length)
    return 'inferenceConfig.stopSequences must be a list of strings';
  return { ...numbers, stopSequences: texts };
}

function readNumbers(config: Block): Omit<InferenceConfig, 'stopSequences'> | string {
  const numbers: Record<string, number> = {};
  for (const name of ['maxTokens', 'temperature', 'topP'] as const) {
    const value = config[name];
    if (value === undefined) continue;
    if (typeof value !== 'number') return `inferenceConfig.${name} must be a number`;
    if (name === 'maxTokens' && !Number.isInteger(value))
      return 'inferenceConfig.maxTokens must be an integer';
    numbers[name] = value;
  }
  return numbers;
}

export function malformed(message: string): RequestRead {
  return { kind: 'error', error: serviceError('SerializationException', message) };
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A null member is an absent member. */
export function withoutNulls(value: Block): Block {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

function hasTextOnlyAsString(blocks: readonly Block[]): boolean {
  return blocks.every(({ text }) => text === undefined || text === null || typeof text === 'string');
}

function isBlocks(value: unknown): value is readonly Block[] {
  return isList(value) && value.every(isObject);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
