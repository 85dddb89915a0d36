import { isObject, type Json, listAt, memberOf } from '../../answers/json-members.ts';

const toolDeltas = (message: unknown): readonly Json[] =>
  listAt(message, 'tool_calls')
    .filter(isObject)
    .map((call, index) => ({ index, ...call }));

/** A completion that is there as a whole, as the chunks that a stream of it would have had: one with all that is said. */
export const toCompletionChunks = (completion: Json, withUsage: boolean): readonly Json[] => {
  const { id, created, model, usage } = completion;
  const head = { id, object: 'chat.completion.chunk', created, model };
  const message = memberOf(completion, 'choices', 0, 'message');
  const calls = toolDeltas(message);
  const delta = {
    role: 'assistant',
    content: memberOf(message, 'content') ?? null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  const finish_reason = memberOf(completion, 'choices', 0, 'finish_reason');
  return [
    { ...head, choices: [{ index: 0, delta, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason }] },
    ...(withUsage ? [{ ...head, choices: [], usage }] : []),
  ];
};
