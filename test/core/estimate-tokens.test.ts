import fc from 'fast-check';
import { estimateInputTokens } from '../../shared/core/estimate-tokens.ts';

const CLAUDE = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
const NOVA = 'amazon.nova-lite-v1:0';

type Block = Readonly<Record<string, unknown>>;
const holding = (...content: readonly Block[]) => ({
  messages: [{ role: 'user' as const, content: [...content] }],
});
const saying = (text: string) => holding({ text });
/** Tokens of blocks beyond what a message itself costs. */
const tokensOf = (block: Block, modelId = CLAUDE): number => estimateInputTokens(holding(block), modelId) - 6;

describe('the estimate of text', () => {
  it.each([
    ['a word', saying('hello'), 8],
    ['a thousand letters', saying('x'.repeat(1000)), 284],
    ['letters of more than one byte', saying('あ'.repeat(1000)), 840],
    ['a system prompt too', { ...saying('hello'), system: [{ text: 'x'.repeat(360) }] }, 108],
    [
      'tools, with the names of their fields',
      { ...saying('hello'), toolConfig: { tools: ['x'.repeat(355)] } },
      108,
    ],
    [
      'each message',
      {
        messages: [
          { role: 'user' as const, content: [{ text: 'a' }] },
          { role: 'assistant' as const, content: [{ text: 'b' }] },
          { role: 'user' as const, content: [{ text: 'c' }] },
        ],
      },
      19,
    ],
  ])('counts %s', (_, request, tokens) => {
    expect(estimateInputTokens(request, CLAUDE)).toBe(tokens);
  });

  it.each([
    ['Claude', CLAUDE, 278],
    ['Nova, by the same measure denser', NOVA, 334],
    ['a model nobody knows', 'vendor.model-v1', 250],
    ['a model that is not named', undefined, 250],
  ])('knows %s', (_, modelId, tokens) => {
    expect(estimateInputTokens(saying('x'.repeat(1000)), modelId) - 6).toBe(tokens);
  });

  it('does not count what the model never reads', () => {
    const request = { ...saying('hello'), requestMetadata: { k: 'x'.repeat(200) } };

    expect(estimateInputTokens(request, CLAUDE)).toBe(8);
  });

  it('grows with every letter, and never stops on any request', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, more) => {
        const block = { toolResult: value };
        expect(tokensOf({ ...block, added: more })).toBeGreaterThanOrEqual(tokensOf(block));
      }),
    );
  });
});

const png = (width: number, height: number): Buffer => {
  const head = Buffer.alloc(40);
  head.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
};

const gif = (width: number, height: number): Buffer => {
  const head = Buffer.alloc(40);
  head.write('GIF89a', 0, 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  return head;
};

const jpeg = (width: number, height: number, before = 0): Buffer => {
  const segment = Buffer.alloc(before === 0 ? 0 : before + 4);
  if (before > 0) {
    segment.writeUInt16BE(0xffe1, 0);
    segment.writeUInt16BE(before + 2, 2);
  }
  const frame = Buffer.alloc(20);
  frame.writeUInt16BE(0xffc2, 0);
  frame.writeUInt16BE(17, 2);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), segment, frame]);
};

const webp = (kind: string, write: (head: Buffer) => void): Buffer => {
  const head = Buffer.alloc(40);
  head.write(`RIFF    WEBP${kind}`, 0, 'latin1');
  write(head);
  return head;
};
const WEBP = {
  lossy: webp('VP8 ', (head) => {
    head.writeUInt16LE(750, 26);
    head.writeUInt16LE(1000, 28);
  }),
  lossless: webp('VP8L', (head) => head.writeUInt32LE(749 | (999 << 14), 21)),
  extended: webp('VP8X', (head) => {
    head.writeUIntLE(749, 24, 3);
    head.writeUIntLE(999, 27, 3);
  }),
};

const image = (bytes: Buffer | string, format = 'png') => ({
  image: { format, source: { bytes: typeof bytes === 'string' ? bytes : bytes.toString('base64') } },
});

describe('the estimate of an image', () => {
  it.each([
    ['a PNG', png(750, 1000)],
    ['a GIF', gif(750, 1000)],
    ['a JPEG', jpeg(750, 1000)],
    ['a JPEG behind the long header of a camera', jpeg(750, 1000, 50_001)],
    ['a lossy WebP', WEBP.lossy],
    ['a lossless WebP', WEBP.lossless],
    ['an extended WebP', WEBP.extended],
  ])('is its pixels: %s of 750 x 1000', (_, bytes) => {
    expect(tokensOf(image(bytes))).toBe(1000);
  });

  it.each([
    ['is bounded, since large ones are scaled down', png(8000, 8000), 1600],
    ['does not grow with its bytes', Buffer.concat([png(75, 100), Buffer.alloc(3_000_000)]), 10],
    ['takes what it cannot read for a large one', Buffer.from('nonsense'), 1600],
    ['takes a header that says nothing for a large one', png(0, 0), 1600],
    ['takes a JPEG that was cut off for a large one', jpeg(750, 1000).subarray(0, 8), 1600],
    ['takes no bytes at all for a large one', Buffer.alloc(0), 1600],
  ])('%s', (_, bytes, tokens) => {
    expect(tokensOf(image(bytes))).toBe(tokens);
  });

  it('knows that Nova counts more', () => {
    expect(tokensOf(image(png(900, 900)), NOVA)).toBe(1296);
  });

  it('takes one that lies in S3 for a large one', () => {
    expect(tokensOf({ image: { format: 'png', source: { s3Location: { uri: 's3://a/b' } } } })).toBe(1600);
  });

  it('finds it inside the result of a tool', () => {
    const content = [{ text: 'abc' }, image(png(750, 1000))];
    // The three letters, and the names `toolResult` and `content`.
    expect(tokensOf({ toolResult: { content } })).toBe(1006);
  });

  it('does not take a tool’s parameter of that name for one', () => {
    const request = { ...saying('hello'), toolConfig: { properties: { image: { type: 'string' } } } };
    expect(estimateInputTokens(request, CLAUDE)).toBe(15);
  });
});

const document = (format: string, bytes: Buffer, fields: Block = {}) => ({
  document: { format, name: 'd', source: { bytes: bytes.toString('base64') }, ...fields },
});
const pdfOf = (pages: number, gap = 100): Buffer =>
  Buffer.from(
    `%PDF-1.7 /Type /Pages ${Array.from({ length: pages }, () => `/Type /Page${' '.repeat(gap)}`).join('')}`,
  );

describe('the estimate of a document', () => {
  it.each([
    ['text by its bytes', document('txt', Buffer.alloc(3600, 'x')), 1000],
    ['a PDF by its pages', document('pdf', pdfOf(3)), 1500],
    ['a PDF across many pieces', document('pdf', pdfOf(40, 10_007)), 20_000],
    ['more for pages that are looked at', document('pdf', pdfOf(3), { citations: { enabled: true } }), 6900],
    ['a PDF that hides its pages by its bytes', document('pdf', Buffer.alloc(120_000)), 1500],
    ['no more pages than are taken', document('pdf', pdfOf(300)), 50_000],
    ['an office file by its bytes', document('docx', Buffer.alloc(80_000)), 10_000],
    ['an office file no higher than a bound', document('xlsx', Buffer.alloc(4_000_000)), 50_000],
    ['one in S3 by a guess', { document: { format: 'pdf', source: { s3Location: {} } } }, 5000],
  ])('counts %s', (_, block, tokens) => {
    expect(tokensOf(block)).toBe(tokens);
  });

  it('counts text that stands in it as text', () => {
    const block = { document: { name: 'd', source: { text: 'x'.repeat(3600) } } };
    // And the names `document`, `name`, `d` and `source`.
    expect(tokensOf(block)).toBe(1006);
  });
});

describe('the estimate of a recording', () => {
  it.each([
    ['by its bytes', Buffer.alloc(500_000), 1000],
    ['no higher than a bound', Buffer.alloc(30_000_000), 50_000],
  ])('is %s', (_, bytes, tokens) => {
    expect(tokensOf({ video: { format: 'mp4', source: { bytes: bytes.toString('base64') } } })).toBe(tokens);
  });
});
