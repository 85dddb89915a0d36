import { createConverseAssembly } from './assemble-converse.ts';
import { countAt, isObject, type Json, listAt, memberOf, textAt } from './json-members.ts';

const METRICS = 'amazon-bedrock-invocationMetrics';

const withoutMetrics = ({ [METRICS]: _, ...rest }: Json): Json => rest;

const joined = (chunks: readonly Json[], ...path: readonly (string | number)[]): string =>
  chunks.map((chunk) => textAt(chunk, ...path) ?? '').join('');

/** What was said last, of each member. */
const merged = (objects: readonly unknown[]): Json =>
  Object.assign(
    {},
    ...objects
      .filter(isObject)
      .map((one) => Object.fromEntries(Object.entries(one).filter(([, v]) => v != null))),
  ) as Json;

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json === '' ? '{}' : json);
  } catch {
    return json;
  }
};

const anthropicBlock = (chunks: readonly Json[], index: number): unknown => {
  const ofBlock = chunks.filter((chunk) => countAt(chunk, 'index') === index);
  const start = ofBlock.map((chunk) => memberOf(chunk, 'content_block')).find(isObject) ?? {};
  const deltas = ofBlock.map((chunk) => memberOf(chunk, 'delta')).filter(isObject);
  const add = (name: string, member: string): Json => {
    const text = joined(deltas, member);
    return text === '' && !Object.hasOwn(start, name) ? {} : { [name]: (textAt(start, name) ?? '') + text };
  };
  if (start.type === 'tool_use') return { ...start, input: parsed(joined(deltas, 'partial_json')) };
  return {
    ...start,
    ...add('text', 'text'),
    ...add('thinking', 'thinking'),
    ...add('signature', 'signature'),
  };
};

const assembleAnthropic = (chunks: readonly Json[]): Json => {
  const start = chunks.map((chunk) => memberOf(chunk, 'message')).find(isObject) ?? {};
  const ends = chunks.filter(({ type }) => type === 'message_delta');
  const indexes = chunks.flatMap((chunk) =>
    chunk.type === 'content_block_start' ? [countAt(chunk, 'index') ?? 0] : [],
  );
  return {
    ...start,
    content: indexes.map((index) => anthropicBlock(chunks, index)),
    ...merged(ends.map(({ delta }) => delta)),
    usage: merged([start.usage, ...ends.map(({ usage }) => usage)]),
  };
};

const assembleNova = (chunks: readonly Json[]): Json => {
  const assembly = createConverseAssembly();
  for (const chunk of chunks) assembly.add(chunk);
  const { output, stopReason, usage } = assembly.answer();
  return { output, stopReason, usage };
};

const assembleOpenAi = (chunks: readonly Json[]): Json => {
  const last = merged(chunks.map(withoutMetrics));
  const reasons = chunks.flatMap((chunk) => textAt(chunk, 'choices', 0, 'finish_reason') ?? []);
  const content = joined(chunks, 'choices', 0, 'delta', 'content');
  return {
    ...last,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: reasons.at(-1) ?? null }],
  };
};

const assembleLlama = (chunks: readonly Json[]): Json => ({
  ...merged(chunks.map(withoutMetrics)),
  generation: joined(chunks, 'generation'),
});

const assembleMistral = (chunks: readonly Json[]): Json => {
  const reasons = chunks.flatMap((chunk) => textAt(chunk, 'outputs', 0, 'stop_reason') ?? []);
  return {
    outputs: [{ text: joined(chunks, 'outputs', 0, 'text'), stop_reason: reasons.at(-1) ?? null }],
  };
};

const assembleTitan = (chunks: readonly Json[]): Json => {
  const last = merged(chunks.map(withoutMetrics));
  return {
    inputTextTokenCount: last.inputTextTokenCount,
    results: [
      {
        outputText: joined(chunks, 'outputText'),
        completionReason: last.completionReason,
        tokenCount: last.totalOutputTextTokenCount,
      },
    ],
  };
};

/** Told by what the chunks hold, like the families of whole answers. */
const FAMILIES: readonly (readonly [(chunk: Json) => boolean, (chunks: readonly Json[]) => Json])[] = [
  [({ type }) => type === 'message_start', assembleAnthropic],
  [(chunk) => 'messageStart' in chunk || 'contentBlockDelta' in chunk, assembleNova],
  [(chunk) => listAt(chunk, 'choices').length > 0, assembleOpenAi],
  [({ generation }) => typeof generation === 'string', assembleLlama],
  [({ outputs }) => Array.isArray(outputs), assembleMistral],
  [({ outputText }) => typeof outputText === 'string', assembleTitan],
];

export interface InvokeMetrics {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheWriteTokens: number | undefined;
}

/** What the service itself adds to the last chunk, whatever the family. */
export const metricsOf = (chunks: readonly Json[]): InvokeMetrics => {
  const found = chunks.map((chunk) => memberOf(chunk, METRICS)).findLast(isObject);
  return {
    inputTokens: countAt(found, 'inputTokenCount'),
    outputTokens: countAt(found, 'outputTokenCount'),
    cacheReadTokens: countAt(found, 'cacheReadInputTokenCount'),
    cacheWriteTokens: countAt(found, 'cacheWriteInputTokenCount'),
  };
};

/** The chunks of a streamed InvokeModel answer as the body it would have had; of an unknown family the chunks themselves. */
export const assembleChunks = (chunks: readonly Json[]): unknown => {
  const [, assemble] = FAMILIES.find(([isIt]) => chunks.some(isIt)) ?? [];
  return assemble === undefined ? { chunks: chunks.map(withoutMetrics) } : assemble(chunks);
};
