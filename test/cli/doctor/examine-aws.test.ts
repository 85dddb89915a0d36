import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type Examination, examine } from '../../../cli/doctor/examine.ts';
import type { Finding } from '../../../cli/doctor/finding.ts';
import {
  createDynamoClient,
  createS3Client,
  createSnsClient,
  createSqsClient,
} from '../../../functions/runtime/compose-clients.ts';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { type Cloud, startCloud } from '../../../local/cloud/start-cloud.ts';
import { createResources } from '../../../local/create-resources.ts';
import { describeResources } from '../../../shared/contract/resources.ts';
import { settingsOf } from '../../fakes/world.ts';
import { availability, type FakeAws, IDENTITY, jsonFault, startFakeAws, xmlFault } from './fake-aws.ts';

const MODEL = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
const PROFILE_CALL = `GET /inference-profiles/${encodeURIComponent(MODEL)}`;
const MODEL_CALL = 'GET /foundation-model-availability/anthropic.claude-haiku-4-5-20251001-v1%3A0';
const PROFILE = {
  body: JSON.stringify({
    status: 'ACTIVE',
    models: [
      {
        modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0',
      },
    ],
  }),
};

const haiku = (quota: unknown) => ({
  models: { haiku: { model_id: MODEL, quota: { tokens_per_minute: quota } } },
});

describe('smoother doctor and AWS', () => {
  let folder: string;
  let aws: FakeAws;
  let bedrock: Bedrock;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smoother-doctor-'));
    bedrock = await startBedrock({
      port: 0,
      latencyScale: 0,
      models: { [MODEL]: { tokensPerMinute: 200_000, burndown: 5 } },
    });
  });

  beforeEach(async () => {
    aws = await startFakeAws();
    aws.answer('POST /', IDENTITY);
    aws.answer(PROFILE_CALL, PROFILE);
    aws.answer(MODEL_CALL, availability());
  });

  afterEach(() => aws.close());

  afterAll(async () => {
    await bedrock.close();
    await rm(folder, { recursive: true });
  });

  const look = (more: Partial<Examination> = {}): Promise<readonly Finding[]> =>
    examine({
      settings: settingsOf(haiku(200_000)),
      target: undefined,
      credentials: () => async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
      dataDir: join(folder, 'data'),
      isAwsAsked: true,
      isDeployed: false,
      isCalled: false,
      nowMs: Date.now,
      here: { api: 'http://127.0.0.1:9', ports: [] },
      ...more,
      env: {
        AWS_ENDPOINT_URL_STS: aws.endpoint,
        AWS_ENDPOINT_URL_BEDROCK: aws.endpoint,
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock.endpoint,
        AWS_ENDPOINT_URL_SERVICE_QUOTAS: bedrock.endpoint,
        ...more.env,
      },
    });

  const find = async (check: string, more?: Partial<Examination>): Promise<Finding | undefined> =>
    (await look(more)).find((finding) => finding.check.startsWith(check));

  it('finds nothing to mend where all is well', async () => {
    const findings = await look();

    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      'node',
      'settings',
      'credentials',
      'region',
      'clock',
      'quota of haiku',
      `model ${MODEL} (us-east-1)`,
      'data folder',
      'ports',
    ]);
  });

  const NOBODY = () => async () => {
    throw new Error('Could not load credentials from any providers');
  };

  it('wants credentials only where AWS is asked for', async () => {
    expect(await find('credentials', { credentials: NOBODY })).toMatchObject({
      verdict: 'failed',
      remedy: expect.stringContaining('AWS_PROFILE'),
    });
    expect(await find('credentials', { credentials: NOBODY, isAwsAsked: false })).toMatchObject({
      verdict: 'skipped',
    });
    expect(aws.calls).toEqual([]);
  });

  it.each([
    ['InvalidClientTokenId', 'The security token is invalid.', 'AWS does not know this access key'],
    ['ExpiredToken', 'The security token has expired.', 'Sign in again'],
    ['SignatureDoesNotMatch', 'Signature not yet current.', 'clock'],
  ])('tells what to do about %s, and looks no further', async (code, message, remedy) => {
    aws.answer('POST /', xmlFault(403, code, message));

    expect(await find('credentials')).toMatchObject({
      verdict: 'failed',
      found: `AWS refuses them: ${code}. ${message}`,
      remedy: expect.stringContaining(remedy),
    });
    expect(await find('model')).toBeUndefined();
  });

  it('says that a region cannot be reached', async () => {
    const found = await find('credentials', { env: { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9' } });

    expect(found).toMatchObject({
      verdict: 'failed',
      found: expect.stringContaining('AWS STS in us-east-1 cannot be reached'),
    });
  });

  it('notes that the environment means another region than the settings', async () => {
    expect(await find('region', { env: { AWS_REGION: 'eu-west-1' } })).toMatchObject({
      verdict: 'warning',
      found: 'us-east-1 by the settings; the environment says eu-west-1',
    });
  });

  it.each([
    [600_000, 'failed', '600 s ahead of the service: AWS refuses signatures from 300 s on.'],
    [-60_000, 'warning', '60 s behind the service'],
  ])('sees a clock that is off by %d ms', async (skewMs, verdict, found) => {
    const date = 'Sat, 31 Jan 2026 12:00:00 GMT';
    aws.answer('POST /', { ...IDENTITY, headers: { date } });

    expect(await find('clock', { nowMs: () => Date.parse(date) + skewMs })).toMatchObject({
      verdict,
      found,
    });
  });

  it.each([
    [150_000, 'ok', '200,000 tokens per minute; the settings say 150,000 tokens per minute'],
    [2_000_000, 'warning', 'AWS grants 200,000 tokens per minute; the settings say 2,000,000'],
  ])('compares a quota of %d with the one that AWS grants', async (quota, verdict, found) => {
    expect(await find('quota', { settings: settingsOf(haiku(quota)) })).toMatchObject({
      verdict,
      found: expect.stringContaining(found),
    });
  });

  it('tells a quota that cannot be read from one that has to be', async () => {
    const env = { AWS_ENDPOINT_URL_SERVICE_QUOTAS: aws.endpoint };
    aws.answer('POST /', jsonFault(400, 'AccessDeniedException', 'not you'));
    const needed = {
      models: {
        haiku: { model_id: MODEL, quota: 'service-quotas', fallback_quota: { tokens_per_minute: 1000 } },
      },
    };
    const sts = await startFakeAws();
    sts.answer('POST /', IDENTITY);
    const both = { ...env, AWS_ENDPOINT_URL_STS: sts.endpoint };

    expect(await find('quota', { env: both })).toMatchObject({ verdict: 'warning' });
    expect(await find('quota', { env: both, settings: settingsOf(needed) })).toMatchObject({
      verdict: 'failed',
      remedy: expect.stringContaining('servicequotas:ListServiceQuotas'),
    });
    await sts.close();
  });

  it.each([
    ['an account that may not', { authorizationStatus: 'NOT_AUTHORIZED' }, 'failed'],
    ['no entitlement', { entitlementAvailability: 'NOT_AVAILABLE' }, 'failed'],
    ['terms that are not agreed to', { agreementAvailability: { status: 'NOT_AVAILABLE' } }, 'warning'],
    ['a region that the profile leaves', { regionAvailability: 'NOT_AVAILABLE' }, 'ok'],
  ])('judges %s', async (_, told, verdict) => {
    aws.answer(MODEL_CALL, availability(told));

    expect(await find('model')).toMatchObject({ verdict });
  });

  it.each([
    ['there is none', jsonFault(404, 'ResourceNotFoundException', 'no such profile'), 'failed'],
    ['it may not be asked', jsonFault(403, 'AccessDeniedException', 'not you'), 'warning'],
    ['another program answers', { body: '<html>' }, 'failed'],
  ])('judges a model when %s', async (_, answer, verdict) => {
    aws.answer(PROFILE_CALL, answer);

    expect(await find('model')).toMatchObject({ verdict });
  });

  it('calls a model only when it is told to', async () => {
    expect(bedrock.truth().models[MODEL]?.calls).toBe(0);
    expect(await find('model', { isCalled: true })).toMatchObject({
      verdict: 'ok',
      found: 'has answered a call of one token',
    });
    expect(bedrock.truth().models[MODEL]?.calls).toBe(1);
  });

  describe('with a deployment', () => {
    let cloud: Cloud;

    beforeAll(async () => {
      cloud = await startCloud({ dataDir: join(folder, 'cloud'), port: 0, region: 'us-east-1' });
    });

    afterAll(() => cloud.close());

    const deployment = (more: Partial<Examination> = {}) =>
      look({
        isDeployed: true,
        env: {
          AWS_ENDPOINT_URL_SQS: cloud.endpoint,
          AWS_ENDPOINT_URL_DYNAMODB: cloud.endpoint,
          AWS_ENDPOINT_URL_S3: cloud.endpoint,
        },
        ...more,
      });

    it('says what is not there, then that everything is, then that letters wait', async () => {
      const before = await deployment();
      expect(before.filter(({ check }) => /^(table|bucket)/.test(check))).toEqual([
        expect.objectContaining({
          check: 'table smoother-requests',
          verdict: 'failed',
          found: 'is not there',
        }),
        expect.objectContaining({ check: 'table smoother-reporting', verdict: 'failed' }),
        expect.objectContaining({
          check: 'bucket smoother-bedrock-calls-000000000000-us-east-1',
          verdict: 'failed',
        }),
      ]);
      expect(before.find(({ check }) => check === 'queue smoother-input')).toMatchObject({
        verdict: 'failed',
        found: 'is not there',
      });

      const address = {
        endpoint: cloud.endpoint,
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      };
      const clients = {
        sqs: createSqsClient('us-east-1', address),
        dynamodb: createDynamoClient('us-east-1', address),
        s3: createS3Client('us-east-1', address),
        sns: createSnsClient('us-east-1', address),
      };
      const resources = describeResources(settingsOf(haiku(200_000)));
      const bucket = { ...resources.bucket, name: `${resources.bucket.name}-000000000000-us-east-1` };
      await createResources(clients, { ...resources, bucket }, 'us-east-1');
      const after = await deployment();
      expect(after.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
      expect(after.find(({ check }) => check === 'queues')?.found).toBe('18 of 18 are there');

      const QueueUrl = `${cloud.endpoint}/000000000000/smoother-dead-letter-haiku`;
      await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
      expect((await deployment()).find(({ verdict }) => verdict === 'warning')).toMatchObject({
        check: 'queue smoother-dead-letter-haiku',
        found: 'holds 1 dead letters',
      });
      for (const client of Object.values(clients)) client.destroy();
    });
  });
});
