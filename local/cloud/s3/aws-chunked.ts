import { S3Error } from './s3-error.ts';

/** Headers that follow the body, lower case. */
export type Trailers = Map<string, string>;

/** A chunk header holds a size, and a signature of 85 characters at most; a trailer not much more. */
const MAX_LINE_BYTES = 4_096;

/**
 * Takes `aws-chunked` framing off a body; it is what the SDKs send when a checksum follows the data:
 *
 *   <size in hex>[;chunk-signature=…]\r\n <data> \r\n … 0\r\n [<trailer>: <value>\r\n …] \r\n
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Buffer>,
  trailers: Trailers,
): AsyncGenerator<Buffer> {
  const reader = new FrameReader(body);
  for (;;) {
    const size = parseSize(await reader.line());
    if (size === 0) break;
    yield* reader.bytes(size);
    if ((await reader.line()) !== '') throw incomplete('a chunk is longer than it says');
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    if (colon < 0) throw incomplete('a trailer has no value');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

class FrameReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#buffer.toString('latin1', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      if (this.#buffer.length > MAX_LINE_BYTES) throw incomplete('a chunk has no size');
      await this.#fill();
    }
  }

  async *bytes(size: number): AsyncGenerator<Buffer> {
    let missing = size;
    while (missing > 0) {
      if (this.#buffer.length === 0) await this.#fill();
      const part = this.#buffer.subarray(0, missing);
      this.#buffer = this.#buffer.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  async #fill(): Promise<void> {
    const { value, done } = await this.#source.next();
    if (done) throw incomplete('it ends early');
    this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value]);
  }
}

function parseSize(line: string): number {
  const [digits = ''] = line.split(';');
  if (!/^[0-9a-f]{1,12}$/i.test(digits))
    throw incomplete(`"${digits.slice(0, 20)}" is not the size of a chunk`);
  return Number.parseInt(digits, 16);
}

function incomplete(reason: string): S3Error {
  return new S3Error('IncompleteBody', `The aws-chunked body is malformed: ${reason}.`);
}
