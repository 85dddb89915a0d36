import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { createCallSigner } from '../../shared/adapters/sign-request.ts';

class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

const SCOPE = { region: 'eu-central-1', service: 'dynamodb' };
const HEADERS = {
  host: 'dynamodb.eu-central-1.amazonaws.com',
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.PutItem',
};

const identity = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9+/]{40}$/),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9+/=]{1,80}$/),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);

/** Of a model, whose name is encoded once. */
const path = fc
  .option(fc.string({ minLength: 1 }))
  .map((model) => (model === null ? '/' : `/model/m${encodeURIComponent(model)}/converse`))
  .filter((text) => !/[!'()*]/.test(text));

const call = fc.record({ path, body: fc.string({ unit: 'binary' }) });

const instantMs = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });

const byTheSdk = async (
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
  { path, body }: { readonly path: string; readonly body: string },
  atMs: number,
) => {
  const signer = new SignatureV4({ ...SCOPE, credentials, sha256: Sha256, applyChecksum: false });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: HEADERS.host,
      path,
      query: {},
      headers: HEADERS,
      body,
    },
    { signingDate: new Date(atMs) },
  );
  return headers;
};

describe('a signer of calls that are all alike', () => {
  it('signs as the SDK does, whoever signs, whatever and whenever', async () => {
    // One signer for all, so that the key of another day or another identity would show.
    const sign = createCallSigner(SCOPE);
    await fc.assert(
      fc.asyncProperty(identity, call, instantMs, async (who, { path, body }, atMs) => {
        const expected = await byTheSdk(who, { path, body }, atMs);
        expect(sign({ path, headers: HEADERS, body }, who, atMs)).toEqual(expected);
        expect(sign({ path, headers: HEADERS, body: Buffer.from(body) }, who, atMs)).toEqual(expected);
      }),
    );
  });

  it('signs again what it has signed before, and what the service does not look at may change', () => {
    const sign = createCallSigner(SCOPE);
    const who = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
    const first = sign(
      { path: '/', headers: { ...HEADERS, 'amz-sdk-request': 'attempt=1' }, body: '{}' },
      who,
      1000,
    );
    const later = sign({ path: '/', headers: first, body: '{}' }, who, 61_000);
    const other = { ...later, 'amz-sdk-request': 'attempt=2' };

    expect(later['x-amz-date']).toBe('19700101T000101Z');
    expect(sign({ path: '/', headers: other, body: '{}' }, who, 61_000).authorization).toBe(
      later.authorization,
    );
    expect(later.authorization).not.toBe(first.authorization);
  });
});
