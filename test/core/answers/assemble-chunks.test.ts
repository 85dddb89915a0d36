import { assembleChunks, metricsOf } from '../../../shared/core/answers/assemble-chunks.ts';
import type { Json } from '../../../shared/core/answers/json-members.ts';

const METRICS = {
  'amazon-bedrock-invocationMetrics': {
    inputTokenCount: 8,
    outputTokenCount: 2,
    cacheReadInputTokenCount: 1,
    cacheWriteInputTokenCount: 0,
  },
};

const ANTHROPIC: readonly Json[] = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 8, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'sig' } },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Hel' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'lo' } },
  { type: 'content_block_stop', index: 1 },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'tool_use', id: 't1', name: 'look', input: {} },
  },
  { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '1}' } },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 9 },
  },
  { type: 'message_stop', ...METRICS },
];

describe('the chunks of a streamed answer', () => {
  it.each<[string, readonly Json[], unknown]>([
    [
      'Anthropic',
      ANTHROPIC,
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'sig' },
          { type: 'text', text: 'Hello' },
          { type: 'tool_use', id: 't1', name: 'look', input: { a: 1 } },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 8, output_tokens: 9 },
      },
    ],
    [
      'Nova',
      [
        { messageStart: { role: 'assistant' } },
        { contentBlockDelta: { delta: { text: 'Hel' }, contentBlockIndex: 0 } },
        { contentBlockDelta: { delta: { text: 'lo' }, contentBlockIndex: 0 } },
        { messageStop: { stopReason: 'end_turn' } },
        { metadata: { usage: { inputTokens: 8, outputTokens: 2 } }, ...METRICS },
      ],
      {
        output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
        stopReason: 'end_turn',
        usage: { inputTokens: 8, outputTokens: 2 },
      },
    ],
    [
      'those that answer like OpenAI',
      [
        {
          id: 'c',
          choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }],
        },
        { id: 'c', choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: 'stop' }] },
        { id: 'c', choices: [], usage: { prompt_tokens: 8, completion_tokens: 2 }, ...METRICS },
      ],
      {
        id: 'c',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 8, completion_tokens: 2 },
      },
    ],
    [
      'Llama',
      [
        { generation: 'Hel', prompt_token_count: 8, generation_token_count: 1, stop_reason: null },
        {
          generation: 'lo',
          prompt_token_count: null,
          generation_token_count: 2,
          stop_reason: 'stop',
          ...METRICS,
        },
      ],
      { generation: 'Hello', prompt_token_count: 8, generation_token_count: 2, stop_reason: 'stop' },
    ],
    [
      'Mistral',
      [
        { outputs: [{ text: 'Hel', stop_reason: null }] },
        { outputs: [{ text: 'lo', stop_reason: 'length' }], ...METRICS },
      ],
      { outputs: [{ text: 'Hello', stop_reason: 'length' }] },
    ],
    [
      'Titan',
      [
        { outputText: 'Hel', index: 0, inputTextTokenCount: 8, completionReason: null },
        { outputText: 'lo', index: 0, totalOutputTextTokenCount: 2, completionReason: 'FINISH', ...METRICS },
      ],
      {
        inputTextTokenCount: 8,
        results: [{ outputText: 'Hello', completionReason: 'FINISH', tokenCount: 2 }],
      },
    ],
    ['an unknown family', [{ piece: 1 }, { piece: 2, ...METRICS }], { chunks: [{ piece: 1 }, { piece: 2 }] }],
  ])('of %s are the body it would have had', (_, chunks, body) => {
    expect(assembleChunks(chunks)).toEqual(body);
  });

  it('say what the service counted, in the last of them', () => {
    expect(metricsOf(ANTHROPIC)).toEqual({
      inputTokens: 8,
      outputTokens: 2,
      cacheReadTokens: 1,
      cacheWriteTokens: 0,
    });
    expect(metricsOf(ANTHROPIC.slice(0, -1)).outputTokens).toBeUndefined();
  });
});
