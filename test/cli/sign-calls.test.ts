import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createApiClient } from '../../cli/api-client.ts';
import { targetOf } from '../../cli/api-target.ts';
import { Smoother } from '../../cli/client/smoother.ts';
import { createSignCalls, signingPlaceOf } from '../../cli/sign-calls.ts';
import { type Signed, verifySignature } from '../fakes/verify-signature.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: 'a/token+of=it' };

describe('calls that are signed', () => {
  let endpoint: string;
  let seen: (Signed | undefined)[];
  let tokens: unknown[];
  let close: () => Promise<unknown>;

  beforeEach(async () => {
    seen = [];
    tokens = [];
    const server = createServer(async (request, response) => {
      const signed = verifySignature(request, await text(request), SECRET);
      seen.push(signed);
      tokens.push(request.headers['x-amz-security-token']);
      response.setHeader('content-type', 'application/json');
      if (signed?.isGenuine === true) response.end('{"request_id": "req_1", "status": "queued"}');
      else response.writeHead(403).end('{"message":"Forbidden"}');
    });
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => new Promise((settle) => server.close(settle));
  });

  afterEach(() => close());

  const sign = (secret = SECRET) =>
    createSignCalls({ endpoint, region: 'eu-west-1', env: {} }, () => async () => ({
      ...CREDENTIALS,
      secretAccessKey: secret,
    }));

  it.each([
    [
      'a read with a query',
      { method: 'GET', path: '/v1/requests?limit=20&status=failed&status=expired&custom_id=a+b c%2Fd*' },
    ],
    ['a path with signs', { method: 'GET', path: '/v1/requests/req_%C3%A5%20(1)' }],
    [
      'a body',
      { method: 'POST', path: '/v1/requests', json: { prompt: 'Grüße, “you”' }, idempotencyKey: 'k  1' },
    ],
    ['lines', { method: 'POST', path: '/v1/batches?custom_id=x', lines: '{"prompt":"a"}\n' }],
  ] as const)('are taken by who makes the signature again: %s', async (_, call) => {
    const answer = await createApiClient({ endpoint, sign: sign() }).call(call);

    expect(answer).toMatchObject({ kind: 'answered' });
    expect(seen).toEqual([
      {
        credential: expect.stringMatching(/^AKIDEXAMPLE\/20\d{6}\/eu-west-1\/execute-api\/aws4_request$/),
        headers: expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']),
        isGenuine: true,
      },
    ]);
    expect(tokens).toEqual(['a/token+of=it']);
  });

  it('are refused where the secret is another, and where they have none with what to do', async () => {
    const wrong = await createApiClient({ endpoint, sign: sign('another') }).call({
      method: 'GET',
      path: '/v1/quota',
    });
    const none = await createApiClient({ endpoint }).call({ method: 'GET', path: '/v1/quota' });

    expect(wrong).toMatchObject({ status: 403, problem: { detail: 'HTTP 403: {"message":"Forbidden"}' } });
    expect(none).toMatchObject({ problem: { detail: expect.stringContaining('--auth iam') } });
  });

  it('come from the TypeScript client too', async () => {
    const smoother = new Smoother({ endpoint, sign: sign() });

    expect(await smoother.submit({ prompt: 'Hi' })).toMatchObject({ request_id: 'req_1' });
    expect(await smoother.read('req_1')).toMatchObject({ status: 'queued' });
    expect(seen.map((signed) => signed?.isGenuine)).toEqual([true, true]);
  });

  it('end at once without credentials', async () => {
    const nobody = createSignCalls({ endpoint, region: 'eu-west-1', env: {} }, () => async () => {
      throw new Error('Could not load credentials from any providers');
    });

    await expect(
      createApiClient({ endpoint, sign: nobody }).call({ method: 'GET', path: '/v1/quota' }),
    ).rejects.toThrow('--auth iam signs calls, and there are no AWS credentials: Could not load');
    expect(seen).toEqual([]);
  });
});

describe('what a signature names', () => {
  it.each([
    ['https://abc123.execute-api.eu-central-1.amazonaws.com', 'execute-api', 'eu-central-1'],
    ['https://abc123.execute-api.cn-north-1.amazonaws.com.cn', 'execute-api', 'cn-north-1'],
    ['https://abc123.lambda-url.ap-south-1.on.aws/', 'lambda', 'ap-south-1'],
    ['https://smoother.example.com', 'execute-api', 'us-west-2'],
  ])('%s', (endpoint, service, region) => {
    expect(signingPlaceOf(endpoint, 'us-west-2')).toEqual({ service, region });
  });

  it('is asked for where nothing tells the region', () => {
    expect(() => targetOf({ endpoint: 'https://smoother.example.com', auth: 'iam' }, {})).toThrow(
      'Signatures name a region, and smoother.example.com tells none: set AWS_REGION',
    );
  });

  it('is asked for by the variable and the profile, and then no key goes along', () => {
    const env = { AWS_REGION: 'us-west-2', SMOOTHER_API_KEY: 'smk_x' };
    expect(targetOf({}, { ...env, SMOOTHER_AUTH: 'iam' })).toEqual({
      endpoint: 'http://127.0.0.1:8787',
      sign: expect.any(Function),
    });
    expect(targetOf({}, env)).toEqual({ endpoint: 'http://127.0.0.1:8787', apiKey: 'smk_x' });
    expect(() => targetOf({}, { SMOOTHER_AUTH: 'aws' })).toThrow(
      'SMOOTHER_AUTH must be one of key, iam, not "aws".',
    );
  });
});
