import type { ConverseRequest } from '../contract/converse.ts';
import { documentTokens, imageTokens, recordingTokens } from './estimate/media-tokens.ts';
import { familyOf, type ModelFamily } from './estimate/model-family.ts';

type Counter = (block: object, family: ModelFamily) => number;

/** Blocks whose bytes are no text. */
const MEDIA: ReadonlyMap<string, Counter> = new Map<string, Counter>([
  ['image', imageTokens],
  ['document', documentTokens],
  ['video', recordingTokens],
  ['audio', recordingTokens],
]);

interface Count {
  textBytes: number;
  mediaTokens: number;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A document may hold text or blocks instead of a file: that is counted as such. */
const isMedia = (value: unknown): value is object => {
  if (!isObject(value) || !('source' in value)) return false;
  const { source } = value;
  return isObject(source) && !('text' in source) && !('content' in source);
};

const addField = (count: Count, key: string, value: unknown, family: ModelFamily): void => {
  const counter = MEDIA.get(key);
  if (counter !== undefined && isMedia(value)) {
    count.mediaTokens += counter(value, family);
    return;
  }
  // The names of text blocks are not read by the model; those of tools and their parameters are.
  if (key !== 'text') count.textBytes += key.length;
  add(count, value, family);
};

/** In one walk, and without a copy. */
const add = (count: Count, value: unknown, family: ModelFamily): void => {
  if (typeof value === 'string') count.textBytes += Buffer.byteLength(value, 'utf8');
  else if (Array.isArray(value)) for (const each of value) add(count, each, family);
  else if (isObject(value))
    for (const [key, each] of Object.entries(value)) addField(count, key, each, family);
  else if (value !== undefined) count.textBytes += String(value).length;
};

/**
 * Input tokens of a request before the model has counted them: text by bytes, images by pixels, documents by pages.
 * Linear in the size of the request, and cheap: nothing large is copied, or decoded whole.
 */
export const estimateInputTokens = (request: ConverseRequest, modelId = ''): number => {
  const family = familyOf(modelId);
  const count: Count = { textBytes: 0, mediaTokens: 0 };
  for (const { content } of request.messages) add(count, content, family);
  add(count, request.system, family);
  add(count, request.toolConfig, family);
  const textTokens = Math.ceil(count.textBytes / family.bytesPerToken);
  return textTokens + count.mediaTokens + family.tokensPerMessage * request.messages.length;
};

/** Of a body in a family's own words: all that is in it counts as text. */
export const estimateBodyTokens = (body: unknown, modelId = ''): number => {
  const family = familyOf(modelId);
  const count: Count = { textBytes: 0, mediaTokens: 0 };
  add(count, body, family);
  return Math.ceil(count.textBytes / family.bytesPerToken) + count.mediaTokens + family.tokensPerMessage;
};
