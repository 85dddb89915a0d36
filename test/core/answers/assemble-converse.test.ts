import { createConverseAssembly } from '../../../shared/core/answers/assemble-converse.ts';
import type { Json } from '../../../shared/core/answers/json-members.ts';

const assemble = (events: readonly Json[]) => {
  const assembly = createConverseAssembly();
  for (const event of events) assembly.add(event);
  return assembly.answer();
};

const delta = (contentBlockIndex: number, piece: Json): Json => ({
  contentBlockDelta: { contentBlockIndex, delta: piece },
});
const start = (contentBlockIndex: number, piece: Json): Json => ({
  contentBlockStart: { contentBlockIndex, start: piece },
});

const END: readonly Json[] = [
  { messageStop: { stopReason: 'end_turn' } },
  { metadata: { usage: { inputTokens: 8, outputTokens: 2, totalTokens: 10 }, metrics: { latencyMs: 5 } } },
];

const contentOf = (events: readonly Json[]) =>
  assemble([{ messageStart: { role: 'assistant' } }, ...events, ...END]).output.message.content;

describe('the events of a Converse stream', () => {
  it('come to the answer, its reason and its use', () => {
    expect(
      assemble([
        { messageStart: { role: 'assistant' } },
        delta(0, { text: 'Hel' }),
        delta(0, { text: 'lo' }),
        { contentBlockStop: { contentBlockIndex: 0 } },
        ...END,
      ]),
    ).toEqual({
      output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 8, outputTokens: 2, totalTokens: 10 },
      isWhole: true,
    });
  });

  it.each<[string, readonly Json[], readonly Json[]]>([
    [
      'a tool that is called',
      [
        start(0, { toolUse: { toolUseId: 't1', name: 'look' } }),
        delta(0, { toolUse: { input: '{"a":' } }),
        delta(0, { toolUse: { input: '1}' } }),
      ],
      [{ toolUse: { toolUseId: 't1', name: 'look', input: { a: 1 } } }],
    ],
    [
      'a tool that is called without input',
      [start(0, { toolUse: { toolUseId: 't1', name: 'look' } })],
      [{ toolUse: { toolUseId: 't1', name: 'look', input: {} } }],
    ],
    [
      'a tool whose input is no JSON',
      [start(0, { toolUse: { toolUseId: 't1', name: 'look' } }), delta(0, { toolUse: { input: '{"a"' } })],
      [{ toolUse: { toolUseId: 't1', name: 'look', input: '{"a"' } }],
    ],
    [
      'thoughts with their signature, and the text after them',
      [
        delta(0, { reasoningContent: { text: 'h' } }),
        delta(0, { reasoningContent: { text: 'm' } }),
        delta(0, { reasoningContent: { signature: 'sig' } }),
        delta(1, { text: 'Hello' }),
      ],
      [{ reasoningContent: { reasoningText: { text: 'hm', signature: 'sig' } } }, { text: 'Hello' }],
    ],
    [
      'thoughts that are not shown',
      [delta(0, { reasoningContent: { redactedContent: 'AQI=' } })],
      [{ reasoningContent: { redactedContent: 'AQI=' } }],
    ],
    [
      'blocks that come mixed up',
      [delta(1, { text: 'b' }), delta(0, { text: 'a' }), delta(1, { text: 'B' })],
      [{ text: 'a' }, { text: 'bB' }],
    ],
    [
      'citations',
      [delta(0, { text: 'Hello' }), delta(0, { citation: { title: 'T' } })],
      [{ citationsContent: { content: [{ text: 'Hello' }], citations: [{ title: 'T' }] } }],
    ],
  ])('of %s come to what Converse itself would give', (_, events, content) => {
    expect(contentOf(events)).toEqual(content);
  });

  it('are not whole without their end', () => {
    const events = [{ messageStart: { role: 'assistant' } }, delta(0, { text: 'Hel' })];
    expect(assemble(events).isWhole).toBe(false);
    expect(assemble([...events, ...END.slice(0, 1)]).isWhole).toBe(false);
    expect(assemble([...events, ...END]).isWhole).toBe(true);
  });
});
