import fc from 'fast-check';
import { decodeAwsChunked, type Trailers } from '../../../../local/cloud/s3/aws-chunked.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function decode(
  text: string | Buffer,
  pieceSize = 1_000,
): Promise<{ body: string; trailers: Trailers }> {
  const trailers: Trailers = new Map();
  const chunks: Buffer[] = [];
  for await (const chunk of decodeAwsChunked(inPieces(Buffer.from(text), pieceSize), trailers))
    chunks.push(chunk);
  return { body: Buffer.concat(chunks).toString(), trailers };
}

test('takes off signed and unsigned framing, and keeps trailers', async () => {
  const framed = '5;chunk-signature=abc\r\nhello\r\n6\r\n world\r\n0\r\nX-Amz-Checksum-Crc32: AAAA\r\n\r\n';
  const { body, trailers } = await decode(framed);
  expect(body).toBe('hello world');
  expect([...trailers]).toEqual([['x-amz-checksum-crc32', 'AAAA']]);
});

test('does not mind where the network cuts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 9 }),
      async (parts, size) => {
        const frames = parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
        expect((await decode(`${frames.join('')}0\r\n\r\n`, size)).body).toBe(parts.join(''));
      },
    ),
  );
});

test.each([
  ['an early end', '5\r\nhel'],
  ['no last chunk', '5\r\nhello\r\n'],
  ['a wrong size', '4\r\nhello\r\n0\r\n\r\n'],
  ['no size', 'hello'],
  ['a size that is none', 'xyz\r\nhello\r\n0\r\n\r\n'],
])('refuses %s', async (_what, framed) => {
  await expect(decode(framed)).rejects.toMatchObject({ code: 'IncompleteBody' });
});
