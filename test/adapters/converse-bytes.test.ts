import { withBase64, withBytes } from '../../shared/adapters/converse-bytes.ts';

describe('converse-bytes', () => {
  it('turns base64 into bytes where Converse wants them, however deep', () => {
    const image = { image: { format: 'png', source: { bytes: 'aGk=' } } };
    expect(withBytes({ messages: [{ content: [{ text: 'aGk=' }, image] }] })).toEqual({
      messages: [
        { content: [{ text: 'aGk=' }, { image: { format: 'png', source: { bytes: Buffer.from('hi') } } }] },
      ],
    });
  });

  it('leaves tool schemas and arguments as they are, though they have a field of that name', () => {
    const tool = {
      toolSpec: { name: 't', inputSchema: { json: { properties: { bytes: 'aGk=' } } } },
    };
    const use = { toolUse: { toolUseId: '1', name: 't', input: { bytes: 'aGk=' } } };
    expect(withBytes({ toolConfig: { tools: [tool] }, messages: [{ content: [use] }] })).toEqual({
      toolConfig: { tools: [tool] },
      messages: [{ content: [use] }],
    });
  });

  it('turns bytes of an answer into base64', () => {
    const reasoning = { reasoningContent: { redactedContent: Uint8Array.from([104, 105]) } };
    expect(withBase64({ message: { content: [reasoning, { text: 'x' }] } })).toEqual({
      message: { content: [{ reasoningContent: { redactedContent: 'aGk=' } }, { text: 'x' }] },
    });
  });

  it.each([null, undefined, 7, 'text', true])('leaves %p alone', (value) => {
    expect(withBytes(value)).toBe(value);
    expect(withBase64(value)).toBe(value);
  });
});
