import type { Block } from './converse-request.ts';

export const contentKinds: readonly string[] = [
  'text',
  'image',
  'document',
  'video',
  'audio',
  'toolUse',
  'toolResult',
  'guardContent',
  'cachePoint',
  'reasoningContent',
  'citationsContent',
  'searchResult',
];

/** The kinds that a content block names; it should be one. */
export function blockMembers(block: Block): readonly string[] {
  return contentKinds.filter((kind) => block[kind] !== undefined && block[kind] !== null);
}
