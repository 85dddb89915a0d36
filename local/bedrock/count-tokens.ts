import type { Block, ConverseRequest } from './converse-request.ts';

/** Rough, and the same for every client: real tokenizers are not public. */
const bytesPerToken = 4;

/** An image of about 1,100 x 1,100 pixels, whatever its encoding. */
const tokensPerImage = 1_600;

export function inputTokensOf({ messages, system, toolConfig }: ConverseRequest): number {
  const blocks = [...system, ...messages.flatMap(({ content }) => content)];
  const images = blocks.filter(isImage).length;
  const bytes = blocks.filter((block) => !isImage(block)).reduce((sum, block) => sum + bytesOf(block), 0);
  const toolBytes = toolConfig === undefined ? 0 : jsonBytes(toolConfig);
  return Math.max(1, Math.ceil((bytes + toolBytes) / bytesPerToken) + images * tokensPerImage);
}

export function textTokens(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}

export function textBytes(tokens: number): number {
  return tokens * bytesPerToken;
}

/** A cache point marks a place, and is no content. */
function bytesOf(block: Block): number {
  if (typeof block.text === 'string') return Buffer.byteLength(block.text);
  return block.cachePoint === undefined ? jsonBytes(block) : 0;
}

function isImage(block: Block): boolean {
  return block.image !== undefined && block.image !== null;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
