import { type InvokeAnswer, readInvokeBody } from '../../../shared/core/answers/read-invoke-body.ts';

describe('the answer of InvokeModel', () => {
  it.each<[string, unknown, InvokeAnswer]>([
    [
      'Anthropic',
      {
        type: 'message',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'Hel' },
          { type: 'text', text: 'lo' },
        ],
        stop_reason: 'end_turn',
        usage: {
          input_tokens: 8,
          output_tokens: 2,
          cache_read_input_tokens: 3,
          cache_creation_input_tokens: 4,
        },
      },
      {
        content: 'Hello',
        stopReason: 'end_turn',
        usage: { input_tokens: 8, output_tokens: 2, cache_read_tokens: 3, cache_write_tokens: 4 },
      },
    ],
    [
      'Anthropic that calls a tool',
      {
        type: 'message',
        content: [{ type: 'tool_use', name: 't', input: {} }],
        stop_reason: 'tool_use',
        usage: {},
      },
      { content: null, stopReason: 'tool_use', usage: {} },
    ],
    [
      'Nova',
      {
        output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
        stopReason: 'end_turn',
        usage: { inputTokens: 8, outputTokens: 2, cacheReadInputTokenCount: 1 },
      },
      {
        content: 'Hello',
        stopReason: 'end_turn',
        usage: { input_tokens: 8, output_tokens: 2, cache_read_tokens: 1 },
      },
    ],
    [
      'those that answer like OpenAI',
      {
        choices: [{ message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 8, completion_tokens: 2 },
      },
      { content: 'Hello', stopReason: 'stop', usage: { input_tokens: 8, output_tokens: 2 } },
    ],
    [
      'Llama',
      { generation: 'Hello', prompt_token_count: 8, generation_token_count: 2, stop_reason: 'stop' },
      { content: 'Hello', stopReason: 'stop', usage: { input_tokens: 8, output_tokens: 2 } },
    ],
    [
      'Mistral, which counts nothing',
      { outputs: [{ text: 'Hello', stop_reason: 'stop' }] },
      { content: 'Hello', stopReason: 'stop', usage: {} },
    ],
    [
      'Titan',
      {
        inputTextTokenCount: 8,
        results: [{ tokenCount: 2, outputText: 'Hello', completionReason: 'FINISH' }],
      },
      { content: 'Hello', stopReason: 'FINISH', usage: { input_tokens: 8, output_tokens: 2 } },
    ],
    ['an unknown family', { embedding: [1, 2] }, { content: null, stopReason: undefined, usage: {} }],
    ['something that is no object', 'text', { content: null, stopReason: undefined, usage: {} }],
    [
      'a family whose figures are nonsense',
      { generation: 'Hello', prompt_token_count: 'many', stop_reason: 7 },
      { content: 'Hello', stopReason: undefined, usage: {} },
    ],
  ])('of %s tells its text, why it stopped, and what it used', (_, body, answer) => {
    expect(readInvokeBody(body)).toEqual(answer);
  });
});
