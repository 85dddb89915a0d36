import { checkService } from '../../../cli/run/check-service.ts';
import type { ModelService } from '../../../cli/run/model-service.ts';
import { type FakeAws, IDENTITY, startFakeAws, xmlFault } from '../doctor/fake-aws.ts';

const AWS = { kind: 'aws', endpoint: 'https://bedrock-runtime.us-east-1.amazonaws.com' } as const;
const SOMEBODY = () => async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });

describe('what would have every request fail is told before one is sent', () => {
  let server: FakeAws;

  beforeEach(async () => {
    server = await startFakeAws();
  });

  afterEach(() => server.close());

  const region = 'us-east-1';

  /** Where somebody was, and nobody is any more. */
  const nowhere = async (): Promise<string> => {
    const gone = await startFakeAws();
    await gone.close();
    return gone.endpoint;
  };

  it.each([
    [
      'openai',
      (url: string) => ({ kind: 'openai', baseUrl: url, model: 'x', apiKey: undefined }),
      '--base-url',
    ],
    ['given', (url: string) => ({ kind: 'given', endpoint: url }), 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME'],
    [
      'aws by an address',
      (url: string) => ({ kind: 'aws', endpoint: url }),
      'AWS_ENDPOINT_URL_BEDROCK_RUNTIME',
    ],
  ] as const)('nobody is there: %s', async (_, serviceAt, remedy) => {
    const url = await nowhere();

    await expect(checkService({ service: serviceAt(url) as ModelService, region, env: {} })).rejects.toThrow(
      new RegExp(`^Nothing answers at ${url} \\(ECONNREFUSED\\); nothing was sent\\. .*${remedy}`),
    );
  });

  it('whoever listens is there and is told nothing, and a simulator always', async () => {
    const openai = { kind: 'openai', baseUrl: `${server.endpoint}/v1`, model: 'x', apiKey: 'k' } as const;

    await checkService({ service: openai, region, env: {} });
    await checkService({ service: { kind: 'simulator' }, region, env: {} });
    expect(server.calls).toEqual([]);
  });

  const aws = (credentialsIn: () => () => Promise<Awaited<ReturnType<ReturnType<typeof SOMEBODY>>>>) =>
    checkService({
      service: AWS,
      region,
      env: { AWS_ENDPOINT_URL_STS: server.endpoint },
      credentialsIn,
    });

  it('no credentials', async () => {
    const nobody = () => async () => {
      throw new Error('Could not load credentials from any providers');
    };

    await expect(aws(nobody)).rejects.toThrow(
      /^There are no AWS credentials \(Could not load .*\); nothing was sent\. Set AWS_PROFILE/,
    );
    expect(server.calls).toEqual([]);
  });

  it('credentials that AWS refuses, and none where it takes them or cannot be asked', async () => {
    server.answer('POST /', xmlFault(403, 'ExpiredToken', 'The security token has expired.'));
    await expect(aws(SOMEBODY)).rejects.toThrow(
      'The AWS credentials: AWS refuses them: ExpiredToken. The security token has expired. Nothing was sent. Sign in again',
    );

    server.answer('POST /', IDENTITY);
    await aws(SOMEBODY);
    const env = { AWS_ENDPOINT_URL_STS: await nowhere() };
    await checkService({ service: AWS, region, env, credentialsIn: SOMEBODY });
  });
});
