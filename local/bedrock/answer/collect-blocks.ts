import { parseJson } from '../request/converse-request.ts';
import type { AnswerBlock } from './compose-answer.ts';
import type { Piece } from './generation.ts';

/** Pieces put together again. */
export function collectBlocks(pieces: readonly Piece[]): readonly AnswerBlock[] {
  const blocks: AnswerBlock[] = [];
  let text: string | undefined;
  let tool: { readonly toolUseId: string; readonly name: string; readonly json: string } | undefined;
  for (const piece of pieces) {
    if (piece.kind === 'text') text = (text ?? '') + piece.text;
    if (piece.kind === 'tool') tool = { toolUseId: piece.toolUseId, name: piece.name, json: '' };
    if (piece.kind === 'tool_input' && tool !== undefined) tool = { ...tool, json: tool.json + piece.json };
    if (piece.kind !== 'block_end') continue;
    if (text !== undefined) blocks.push({ kind: 'text', text });
    if (tool !== undefined) {
      const { toolUseId, name, json } = tool;
      blocks.push({ kind: 'tool', toolUseId, name, input: json === '' ? {} : (parseJson(json) ?? json) });
    }
    text = undefined;
    tool = undefined;
  }
  return blocks;
}
