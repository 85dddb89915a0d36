import { isObject, type Json, listAt } from '../../answers/json-members.ts';

export interface NamedEvent {
  readonly type: string;
  readonly payload: Json;
}

const deltaOf = (block: Json): Json => {
  const { toolUse } = block;
  if (isObject(toolUse)) return { toolUse: { input: JSON.stringify(toolUse.input ?? {}) } };
  const { reasoningContent } = block;
  if (!isObject(reasoningContent)) return block;
  const { reasoningText } = reasoningContent;
  return { reasoningContent: isObject(reasoningText) ? reasoningText : reasoningContent };
};

const blockEvents = (block: Json, contentBlockIndex: number): readonly NamedEvent[] => {
  const { toolUse } = block;
  const start = isObject(toolUse)
    ? [
        {
          type: 'contentBlockStart',
          payload: {
            contentBlockIndex,
            start: { toolUse: { toolUseId: toolUse.toolUseId, name: toolUse.name } },
          },
        },
      ]
    : [];
  return [
    ...start,
    { type: 'contentBlockDelta', payload: { contentBlockIndex, delta: deltaOf(block) } },
    { type: 'contentBlockStop', payload: { contentBlockIndex } },
  ];
};

/** An answer of Converse that is there as a whole, as the events that a stream of it would have had. */
export const toConverseEvents = (answer: Json): readonly NamedEvent[] => {
  const { stopReason, usage, metrics } = answer;
  const blocks = listAt(answer, 'output', 'message', 'content').filter(isObject);
  return [
    { type: 'messageStart', payload: { role: 'assistant' } },
    ...blocks.flatMap(blockEvents),
    { type: 'messageStop', payload: { stopReason } },
    { type: 'metadata', payload: { usage, metrics } },
  ];
};
