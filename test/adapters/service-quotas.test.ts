import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bedrock, startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { createAwsJsonCall } from '../../shared/adapters/aws-json-call.ts';
import { createServiceQuotasApi, SERVICE_QUOTAS_API } from '../../shared/adapters/service-quotas-api.ts';
import { matchServiceQuota } from '../../shared/core/quota/match-service-quota.ts';
import { describeServiceQuotas } from '../contracts/service-quotas.contract.ts';

const HAIKU = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
const PATIENCE_MS = 10_000;

const apiAt = (endpoint: string) =>
  createServiceQuotasApi(
    createAwsJsonCall({
      ...SERVICE_QUOTAS_API,
      region: 'eu-west-1',
      credentials: async () => ({
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'secret',
        sessionToken: 'tok',
      }),
      endpoint,
    }),
  );

describe('the client of Service Quotas, at the simulator', () => {
  let bedrock: Bedrock;

  beforeAll(async () => {
    bedrock = await startBedrock({
      port: 0,
      models: {
        [HAIKU]: { tokensPerMinute: 123_000, requestsPerMinute: 50, tokensPerDay: 2_000_000, burndown: 5 },
        'anthropic.claude-haiku-4-5-20251001-v1:0': { tokensPerMinute: 7, burndown: 5 },
        'global.amazon.nova-lite-v1:0': { tokensPerMinute: 9000, tokensPerDay: 90_000, burndown: 1 },
        'amazon.nova-pro-v1:0': { inputTokensPerMinute: 10, outputTokensPerMinute: 5, burndown: 1 },
        'no-model': { tokensPerMinute: 1, burndown: 1 },
      },
    });
  });

  afterAll(() => bedrock.close());

  it('finds what the simulator grants, by the names that AWS gives', async () => {
    const listed = await apiAt(bedrock.endpoint).list('applied', PATIENCE_MS);

    expect(listed.map(({ name, value }) => [name, value])).toEqual([
      ['Cross-region model inference tokens per minute for Anthropic Claude Haiku 4.5', 123_000],
      ['Cross-region model inference requests per minute for Anthropic Claude Haiku 4.5', 50],
      [
        'Model invocation max tokens per day for Anthropic Claude Haiku 4.5 (doubled for cross-region calls)',
        1_000_000,
      ],
      ['On-demand model inference tokens per minute for Anthropic Claude Haiku 4.5', 7],
      ['Global cross-region model inference tokens per minute for Amazon Nova Lite', 9000],
      ['Global cross-region model inference tokens per day for Amazon Nova Lite', 90_000],
      ['[bedrock-mantle endpoint] Input tokens per minute for Amazon Nova Pro', 10],
      ['[bedrock-mantle endpoint] Output tokens per minute for Amazon Nova Pro', 5],
    ]);
    expect(matchServiceQuota(HAIKU, listed)).toMatchObject({
      outcome: 'found',
      quota: { tokens_per_minute: 123_000, requests_per_minute: 50, tokens_per_day: 2_000_000 },
    });
  });

  it('sees a quota that was changed meanwhile', async () => {
    await fetch(`${bedrock.endpoint}/_sim/models/${encodeURIComponent(HAIKU)}`, {
      method: 'PUT',
      body: JSON.stringify({ tokensPerMinute: 456_000 }),
    }).then((response) => expect(response.status).toBe(200));

    const listed = await apiAt(bedrock.endpoint).list('default', PATIENCE_MS);
    expect(listed[0]).toMatchObject({ value: 456_000 });
  });
});

describe('the client of Service Quotas', () => {
  let server: Server;
  let answer: (request: IncomingMessage, body: string) => { readonly status: number; readonly body: string };
  const seen: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        seen.push({ headers: request.headers, body });
        const { status, body: text } = answer(request, body);
        response.writeHead(status).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  beforeEach(() => {
    seen.length = 0;
  });

  afterAll(() => {
    server.close();
  });

  const api = () => apiAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  it('signs its calls and reads page by page', async () => {
    answer = (_, body) => ({
      status: 200,
      body: JSON.stringify(
        body.includes('NextToken')
          ? { Quotas: [{ QuotaCode: 'L-2', QuotaName: 'two', Value: 2 }], NextToken: null }
          : {
              Quotas: [
                { QuotaCode: 'L-1', QuotaName: 'one', Value: 1.5 },
                { QuotaCode: 'L-0', QuotaName: 'none' },
              ],
              NextToken: 'more',
            },
      ),
    });

    expect(await api().list('applied', PATIENCE_MS)).toEqual([
      { code: 'L-1', name: 'one', value: 1.5 },
      { code: 'L-2', name: 'two', value: 2 },
    ]);
    expect(seen.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { ServiceCode: 'bedrock', MaxResults: 100 },
      { ServiceCode: 'bedrock', MaxResults: 100, NextToken: 'more' },
    ]);
    expect(seen[0]?.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'ServiceQuotasV20190624.ListServiceQuotas',
      'x-amz-security-token': 'tok',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/servicequotas\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
      ) as unknown,
    });
  });

  it('rejects with the name of the fault', async () => {
    answer = () => ({
      status: 400,
      body: JSON.stringify({ __type: 'com.amazonaws#TooManyRequestsException', Message: 'Slow down.' }),
    });

    await expect(api().list('default', PATIENCE_MS)).rejects.toThrow(
      'ListAWSDefaultServiceQuotas: 400 (TooManyRequestsException) Slow down.',
    );
  });

  it('rejects what is no answer', async () => {
    answer = () => ({ status: 200, body: '{"Quotas": "many"}' });

    await expect(api().list('applied', PATIENCE_MS)).rejects.toThrow();
  });

  it('gives up a list without an end', async () => {
    answer = () => ({ status: 200, body: JSON.stringify({ Quotas: [], NextToken: 'again' }) });

    await expect(api().list('applied', PATIENCE_MS)).rejects.toThrow('more than 50 pages');
  });
});

describe('at a simulator of its own', () => {
  let bedrock: Bedrock;
  let isOpen = true;

  beforeAll(async () => {
    bedrock = await startBedrock({ port: 0, models: { [HAIKU]: { tokensPerMinute: 1, burndown: 5 } } });
  });

  afterAll(async () => {
    if (isOpen) await bedrock.close();
  });

  describeServiceQuotas('Service Quotas, simulated,', async () => ({
    port: apiAt(bedrock.endpoint),
    run: (work) => work,
    grant: async (tokensPerMinute) => {
      await fetch(`${bedrock.endpoint}/_sim/models/${encodeURIComponent(HAIKU)}`, {
        method: 'PUT',
        body: JSON.stringify({ tokensPerMinute }),
      });
      return 'Cross-region model inference tokens per minute for Anthropic Claude Haiku 4.5';
    },
    fail: async () => {
      isOpen = false;
      await bedrock.close();
    },
  }));
});
