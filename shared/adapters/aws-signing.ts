import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** Whoever signs: as the SDK's clients resolve it. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SigningOptions {
  /** The name that signatures carry. */
  readonly service: string;
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly nowMs?: () => number;
}

export interface UnsignedCall {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** All headers of a call, those that sign it among them. */
export type AwsSigner = (call: UnsignedCall) => Promise<Readonly<Record<string, string>>>;

const toBytes = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

const queryOf = ({ searchParams }: URL): Record<string, string[]> =>
  Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));

/** Signature version 4, over every header that is given. */
export const createAwsSigner = ({ nowMs = Date.now, ...options }: SigningOptions): AwsSigner => {
  // The path of an S3 object is the one that is not escaped a second time.
  const signer = new SignatureV4({ ...options, sha256: Sha256, uriEscapePath: options.service !== 's3' });
  return async ({ method, url, headers, body }) => {
    const request = {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query: queryOf(url),
      headers: { ...headers, host: url.host },
      ...(body === undefined ? {} : { body }),
    };
    const { headers: signed } = await signer.sign(request, { signingDate: new Date(nowMs()) });
    const { host: _, ...others } = signed;
    return others;
  };
};
