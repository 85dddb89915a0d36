import type { Block, ConverseRequest } from './converse-request.ts';

/** Rough, and the same for every client: real tokenizers are not public. */
const bytesPerToken = 4;

/** An image of about 1,100 x 1,100 pixels, whatever its encoding. */
const tokensPerImage = 1_600;

export function inputTokensOf({ messages, system, toolConfig }: ConverseRequest): number {
  const blocks = [...system, ...messages.flatMap(({ content }) => content)];
  return Math.max(1, countPieces(blocks, toolConfig).tokens);
}

export interface PieceCount {
  readonly bytes: number;
  readonly images: number;
  readonly tokens: number;
}

const nothing: PieceCount = { bytes: 0, images: 0, tokens: 0 };

/** Of all pieces together, so that the count does not depend on how a text is cut. */
export function countPieces(
  blocks: readonly Block[],
  toolConfig: unknown,
  before: PieceCount = nothing,
): PieceCount {
  const images = before.images + blocks.filter(isImage).length;
  const toolBytes = toolConfig === undefined ? 0 : jsonBytes(toolConfig);
  const bytes = blocks
    .filter((block) => !isImage(block))
    .reduce((sum, block) => sum + bytesOf(block), before.bytes + toolBytes);
  return { bytes, images, tokens: textTokens(bytes) + images * tokensPerImage };
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
