import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** Whoever signs: as the SDK's clients resolve it. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AwsJsonServiceOptions {
  /** The name that signatures carry, which is also that of the host. */
  readonly service: string;
  /** Such as `ServiceQuotasV20190624`. */
  readonly targetPrefix: string;
  /** Of the protocol. */
  readonly jsonVersion?: '1.0' | '1.1';
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  /** Instead of the region's own. */
  readonly endpoint?: string | undefined;
}

export type AwsJsonCall = (operation: string, input: unknown, signal: AbortSignal) => Promise<unknown>;

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

const toBytes = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

export const awsEndpointOf = (service: string, region: string): string =>
  `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;

/** A fault of the service, by its name: `{"__type": "…#TooManyRequestsException", "message": "…"}`. */
const toError = (operation: string, status: number, body: string): Error => {
  let fault: { __type?: unknown; message?: unknown; Message?: unknown } = {};
  try {
    fault = JSON.parse(body) as typeof fault;
  } catch {
    // The status says what there is to say.
  }
  const name = String(fault.__type ?? 'no name').replace(/^.*#/, '');
  return new Error(
    `${operation}: ${status} (${name}) ${String(fault.message ?? fault.Message ?? '')}`.trim(),
  );
};

/** Calls of a service that speaks AWS JSON, for which no client of the SDK is installed. */
export const createAwsJsonCall = (options: AwsJsonServiceOptions): AwsJsonCall => {
  const { service, region, targetPrefix, credentials, jsonVersion = '1.1' } = options;
  const url = new URL(options.endpoint ?? awsEndpointOf(service, region));
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  return async (operation, input, signal) => {
    const body = JSON.stringify(input);
    const request = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: '/',
      query: {},
      headers: {
        host: url.host,
        'content-type': `application/x-amz-json-${jsonVersion}`,
        'x-amz-target': `${targetPrefix}.${operation}`,
      },
      body,
    });
    const { host: _, ...headers } = request.headers;
    const response = await fetch(new URL('/', url), { method: 'POST', headers, body, signal });
    const text = await response.text();
    if (!response.ok) throw toError(operation, response.status, text);
    return JSON.parse(text) as unknown;
  };
};
