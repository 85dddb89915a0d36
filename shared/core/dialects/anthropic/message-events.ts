import { isObject, type Json, listAt } from '../../answers/json-members.ts';

/** What begins of a block, and what is then said of it. */
const partsOf = (block: Json): { readonly start: Json; readonly deltas: readonly Json[] } => {
  switch (block.type) {
    case 'text':
      return { start: { ...block, text: '' }, deltas: [{ type: 'text_delta', text: block.text }] };
    case 'tool_use':
      return {
        start: { ...block, input: {} },
        deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input ?? {}) }],
      };
    case 'thinking':
      return {
        start: { ...block, thinking: '', signature: '' },
        deltas: [
          { type: 'thinking_delta', thinking: block.thinking },
          { type: 'signature_delta', signature: block.signature ?? '' },
        ],
      };
    default:
      return { start: block, deltas: [] };
  }
};

const blockEvents = (block: Json, index: number): readonly Json[] => {
  const { start, deltas } = partsOf(block);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
};

/** A message that is there as a whole, as the events that a stream of it would have had: one delta for each block. */
export const toMessageEvents = (message: Json): readonly Json[] => {
  const { stop_reason, stop_sequence, usage } = message;
  const counts = isObject(usage) ? usage : {};
  const blocks = listAt(message, 'content').filter(isObject);
  return [
    {
      type: 'message_start',
      message: {
        ...message,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...counts, output_tokens: 0 },
      },
    },
    ...blocks.flatMap(blockEvents),
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence: stop_sequence ?? null },
      usage: { output_tokens: counts.output_tokens ?? 0 },
    },
    { type: 'message_stop' },
  ];
};
