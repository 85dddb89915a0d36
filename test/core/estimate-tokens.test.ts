import { estimateInputTokens } from '../../shared/core/estimate-tokens.ts';

const saying = (text: string) => ({ messages: [{ role: 'user' as const, content: [{ text }] }] });

describe('the estimate of input tokens', () => {
  it.each([
    ['a word', saying('hello'), 11],
    ['a thousand letters', saying('x'.repeat(1000)), 260],
    ['letters of more than one byte', saying('あ'.repeat(1000)), 760],
    ['a system prompt too', { ...saying('hello'), system: [{ text: 'x'.repeat(400) }] }, 114],
    ['tools too', { ...saying('hello'), toolConfig: { tools: ['x'.repeat(400)] } }, 114],
    [
      'each message',
      {
        messages: [
          { role: 'user' as const, content: [{ text: 'a' }] },
          { role: 'assistant' as const, content: [{ text: 'b' }] },
          { role: 'user' as const, content: [{ text: 'c' }] },
        ],
      },
      26,
    ],
  ])('counts %s', (_, request, tokens) => {
    expect(estimateInputTokens(request)).toBe(tokens);
  });

  it('does not count what the model never reads', () => {
    const request = { ...saying('hello'), requestMetadata: { k: 'x'.repeat(200) } };

    expect(estimateInputTokens(request)).toBe(11);
  });
});
