import { type Block, type ConverseRequest, isObject, parseJson, withoutNulls } from './converse-request.ts';

/** What a request asks for beyond text. */
export interface Features {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
  /** The answer must be JSON of this schema. */
  readonly outputSchema?: Block;
  readonly stopSequences: readonly string[];
  readonly hasGuardrail: boolean;
}

export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: unknown;
}

export type ToolChoice = { readonly kind: 'auto' | 'any' } | { readonly kind: 'tool'; readonly name: string };

export type FeaturesRead =
  | { readonly kind: 'features'; readonly features: Features }
  | { readonly kind: 'fault'; readonly message: string };

export function readFeatures(request: ConverseRequest): FeaturesRead {
  const tools = readTools(request.toolConfig);
  if (typeof tools === 'string') return { kind: 'fault', message: tools };
  const choice = readChoice(request.toolConfig, tools);
  if (typeof choice === 'string') return { kind: 'fault', message: choice };
  const outputSchema = readOutputSchema(request.outputConfig);
  if (typeof outputSchema === 'string') return { kind: 'fault', message: outputSchema };
  const guardrail = guardrailFault(request.guardrailConfig);
  if (guardrail !== undefined) return { kind: 'fault', message: guardrail };
  return {
    kind: 'features',
    features: {
      tools,
      choice,
      stopSequences: request.inferenceConfig.stopSequences ?? [],
      hasGuardrail: isGiven(request.guardrailConfig),
      ...(outputSchema === undefined ? {} : { outputSchema }),
    },
  };
}

function readTools(config: unknown): readonly Tool[] | string {
  if (!isGiven(config)) return [];
  const list: unknown = isObject(config) ? config.tools : undefined;
  if (!Array.isArray(list)) return 'toolConfig.tools must be a list of tools.';
  const tools: Tool[] = [];
  for (const [index, entry] of list.entries()) {
    const { toolSpec, cachePoint } = isObject(entry) ? withoutNulls(entry) : {};
    if (cachePoint !== undefined) continue;
    const path = `toolConfig.tools.${index}`;
    if (!isObject(toolSpec))
      return `${path} must set toolSpec or cachePoint: the simulator has no other tools.`;
    const { name, description, inputSchema } = toolSpec;
    if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
      return `Value at '${path}.toolSpec.name' failed to satisfy constraint: [a-zA-Z0-9_-]+, 1 to 64 characters`;
    }
    if (!isObject(inputSchema) || !isObject(inputSchema.json))
      return `${path}.toolSpec.inputSchema.json is required.`;
    const spoken = typeof description === 'string' ? { description } : {};
    tools.push({ name, ...spoken, inputSchema: inputSchema.json });
  }
  return tools;
}

function readChoice(config: unknown, tools: readonly Tool[]): ToolChoice | string {
  const choice: unknown = isObject(config) ? config.toolChoice : undefined;
  if (!isGiven(choice)) return { kind: 'auto' };
  const { auto, any, tool } = isObject(choice) ? withoutNulls(choice) : {};
  if (auto !== undefined) return { kind: 'auto' };
  if (tools.length === 0) return 'toolConfig.toolChoice needs at least one tool.';
  if (any !== undefined) return { kind: 'any' };
  const name: unknown = isObject(tool) ? tool.name : undefined;
  if (typeof name !== 'string') return 'toolConfig.toolChoice must set one of auto, any, tool.';
  return tools.some((each) => each.name === name)
    ? { kind: 'tool', name }
    : `toolConfig.toolChoice names the tool ${name}, which toolConfig.tools does not have.`;
}

function readOutputSchema(config: unknown): Block | undefined | string {
  const format: unknown = isObject(config) ? config.textFormat : undefined;
  if (!isGiven(format)) return undefined;
  const { type, structure } = isObject(format) ? format : {};
  const jsonSchema: unknown = isObject(structure) ? structure.jsonSchema : undefined;
  const text: unknown = isObject(jsonSchema) ? jsonSchema.schema : undefined;
  if (type !== 'json_schema' || typeof text !== 'string') {
    return "outputConfig.textFormat must be of type 'json_schema' with structure.jsonSchema.schema as text.";
  }
  const schema = parseJson(text);
  return isObject(schema)
    ? schema
    : 'outputConfig.textFormat.structure.jsonSchema.schema is not a JSON object.';
}

function guardrailFault(config: unknown): string | undefined {
  if (!isGiven(config)) return undefined;
  const { guardrailIdentifier, guardrailVersion } = isObject(config) ? config : {};
  const whole = typeof guardrailIdentifier === 'string' && typeof guardrailVersion === 'string';
  return whole ? undefined : 'guardrailConfig must set guardrailIdentifier and guardrailVersion.';
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
