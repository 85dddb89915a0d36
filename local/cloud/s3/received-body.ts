import { createHash, type Hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { crc32 } from '../../../shared/core/crc32.ts';
import { decodeAwsChunked, type Trailers } from './aws-chunked.ts';
import { S3Error } from './s3-error.ts';

const CHECKSUM_PREFIX = 'x-amz-checksum-';

interface Digest {
  update(chunk: Buffer): void;
  base64(): string;
}

/** The checksums that are verified; a CRC-32C or CRC-64/NVME is accepted as it comes and not kept. */
const DIGESTS: Readonly<Record<string, () => Digest>> = {
  crc32: createCrc32,
  sha1: () => fromHash(createHash('sha1')),
  sha256: () => fromHash(createHash('sha256')),
};

export interface BodyFacts {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: Readonly<Record<string, string>>;
}

/** A body on its way in: measured while it streams, and compared with what its sender said about it. */
export class ReceivedBody {
  readonly #request: IncomingMessage;
  readonly #trailers: Trailers = new Map();
  readonly #md5 = createHash('md5');
  readonly #digests: Readonly<Record<string, Digest>>;
  #sizeBytes = 0;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.#digests = createDigests(request.headers);
  }

  async *stream(): AsyncGenerator<Buffer> {
    const { headers } = this.#request;
    // A refusal in the middle must still be told on this connection.
    const raw: AsyncIterable<Buffer> = this.#request.iterator({ destroyOnReturn: false });
    const body = isAwsChunked(headers) ? decodeAwsChunked(raw, this.#trailers) : raw;
    for await (const chunk of body) {
      this.#sizeBytes += chunk.length;
      this.#md5.update(chunk);
      for (const digest of Object.values(this.#digests)) digest.update(chunk);
      yield chunk;
    }
  }

  /** Once, after the stream has ended. Throws when the sender meant other bytes. */
  facts(): BodyFacts {
    const { headers } = this.#request;
    const decodedLength = headers['x-amz-decoded-content-length'];
    if (decodedLength !== undefined && Number(decodedLength) !== this.#sizeBytes) {
      throw new S3Error('IncompleteBody', `The body has ${this.#sizeBytes} bytes, not ${decodedLength}.`);
    }
    const md5 = this.#md5.digest();
    if (headers['content-md5'] !== undefined && headers['content-md5'] !== md5.toString('base64')) {
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
    return {
      sizeBytes: this.#sizeBytes,
      etag: `"${md5.toString('hex')}"`,
      checksum: this.#verifiedChecksum(),
    };
  }

  #verifiedChecksum(): Record<string, string> {
    const verified: Record<string, string> = {};
    for (const [algorithm, digest] of Object.entries(this.#digests)) {
      const name = CHECKSUM_PREFIX + algorithm;
      const said = this.#request.headers[name] ?? this.#trailers.get(name);
      const found = digest.base64();
      if (said !== found) {
        throw new S3Error(
          'BadDigest',
          `The ${algorithm.toUpperCase()} you specified did not match what we received.`,
        );
      }
      verified[name] = found;
    }
    return verified;
  }
}

/** Of a document; `refuse` makes the error for one that is longer. */
export async function readText(
  request: IncomingMessage,
  maxBytes: number,
  refuse: () => S3Error,
): Promise<string> {
  const received = new ReceivedBody(request);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of received.stream()) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw refuse();
    chunks.push(chunk);
  }
  received.facts();
  return Buffer.concat(chunks).toString();
}

export function isAwsChunked(headers: IncomingHttpHeaders): boolean {
  const sha256 = headers['x-amz-content-sha256'];
  return (
    headers['content-encoding']?.split(',').some((encoding) => encoding.trim() === 'aws-chunked') === true ||
    (typeof sha256 === 'string' && sha256.startsWith('STREAMING-'))
  );
}

function createDigests(headers: IncomingHttpHeaders): Record<string, Digest> {
  const promised = String(headers['x-amz-trailer'] ?? '').toLowerCase();
  const digests: Record<string, Digest> = {};
  for (const [algorithm, create] of Object.entries(DIGESTS)) {
    const name = CHECKSUM_PREFIX + algorithm;
    const isPromised = promised.split(',').some((trailer) => trailer.trim() === name);
    if (headers[name] !== undefined || isPromised) digests[algorithm] = create();
  }
  return digests;
}

function createCrc32(): Digest {
  let value = 0;
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    base64() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

function fromHash(hash: Hash): Digest {
  return { update: (chunk) => void hash.update(chunk), base64: () => hash.digest('base64') };
}
