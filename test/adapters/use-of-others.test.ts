import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { createBedrockClient } from '../../functions/runtime/compose-clients.ts';
import { type Bedrock, startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { createAwsJsonCall } from '../../shared/adapters/aws-json-call.ts';
import { CLOUDWATCH_API, createCloudWatchUse } from '../../shared/adapters/cloudwatch-use.ts';
import { WINDOW_MS } from '../../shared/core/quota/others-use.ts';
import { describeAccountUse } from '../contracts/account-use.contract.ts';

const MODEL = 'us.amazon.nova-lite-v1:0';
const PATIENCE_MS = 10_000;

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

const useAt = (endpoint: string) =>
  createCloudWatchUse(
    createAwsJsonCall({
      ...CLOUDWATCH_API,
      region: 'us-east-1',
      credentials: async () => credentials,
      endpoint,
    }),
  );

describe('what CloudWatch tells of a model, at the simulator', () => {
  let bedrock: Bedrock;

  beforeAll(async () => {
    bedrock = await startBedrock({
      port: 0,
      latencyScale: 0,
      models: { [MODEL]: { tokensPerMinute: 100_000, burndown: 1 } },
    });
  });

  afterAll(() => bedrock.close());

  const spanNow = () => {
    const fromMs = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS - WINDOW_MS;
    return { fromMs, toMs: fromMs + 3 * WINDOW_MS };
  };

  it('is nothing before the first call, and what all calls used after it', async () => {
    const use = useAt(bedrock.endpoint);
    expect(await use.ofModel(MODEL, spanNow(), PATIENCE_MS)).toEqual(new Map());

    const client = createBedrockClient('us-east-1', 1, { endpoint: bedrock.endpoint, credentials });
    const { usage } = await client.send(
      new ConverseCommand({
        modelId: MODEL,
        messages: [{ role: 'user', content: [{ text: 'Hello. [[sim:output_tokens=20]]' }] }],
        inferenceConfig: { maxTokens: 100 },
      }),
    );
    client.destroy();
    const byWindow = await use.ofModel(MODEL, spanNow(), PATIENCE_MS);

    expect(usage?.outputTokens).toBe(20);
    expect([...byWindow.values()]).toEqual([
      { inputTokens: usage?.inputTokens, outputTokens: 20, cacheWriteTokens: 0 },
    ]);
    expect(await use.ofModel('another', spanNow(), PATIENCE_MS)).toEqual(new Map());
    expect(await use.ofModel(MODEL, { fromMs: 0, toMs: WINDOW_MS }, PATIENCE_MS)).toEqual(new Map());
  });
});

describe('what CloudWatch tells of a model', () => {
  const SPAN = { fromMs: 600_000, toMs: 1_200_000 };

  it('is asked for in sums of five minutes, by the names of Bedrock’s metrics', async () => {
    const asked: unknown[] = [];
    const use = createCloudWatchUse(async (operation, input) => {
      asked.push([operation, input]);
      return {
        MetricDataResults: [
          { Id: 'inputTokens', StatusCode: 'Complete', Timestamps: [600, 900], Values: [7, 8] },
          { Id: 'outputTokens', StatusCode: 'Complete', Timestamps: [900], Values: [5] },
          { Id: 'cacheWriteTokens', StatusCode: 'Complete', Timestamps: [], Values: [] },
        ],
      };
    });

    expect(await use.ofModel('m', SPAN, PATIENCE_MS)).toEqual(
      new Map([
        [600_000, { inputTokens: 7, outputTokens: 0, cacheWriteTokens: 0 }],
        [900_000, { inputTokens: 8, outputTokens: 5, cacheWriteTokens: 0 }],
      ]),
    );
    expect(asked).toMatchObject([
      [
        'GetMetricData',
        {
          StartTime: 600,
          EndTime: 1200,
          MetricDataQueries: [
            {
              Id: 'inputTokens',
              MetricStat: {
                Metric: {
                  Namespace: 'AWS/Bedrock',
                  MetricName: 'InputTokenCount',
                  Dimensions: [{ Name: 'ModelId', Value: 'm' }],
                },
                Period: 300,
                Stat: 'Sum',
              },
            },
            { MetricStat: { Metric: { MetricName: 'OutputTokenCount' } } },
            { MetricStat: { Metric: { MetricName: 'CacheWriteInputTokens' } } },
          ],
        },
      ],
    ]);
  });

  it.each(['PartialData', 'InternalError', 'Forbidden'])('is no answer when it is %s', async (status) => {
    const use = createCloudWatchUse(async () => ({
      MetricDataResults: [{ Id: 'inputTokens', StatusCode: status, Timestamps: [600], Values: [7] }],
    }));
    await expect(use.ofModel('m', SPAN, PATIENCE_MS)).rejects.toThrow(`inputTokens is ${status}`);
  });
});

describe('at a simulator whose time is the test’s', () => {
  const OTHER = 'us.amazon.nova-pro-v1:0';
  let bedrock: Bedrock;
  let isOpen = true;
  let nowMs = Date.UTC(2026, 0, 31, 11);

  beforeAll(async () => {
    const model = { tokensPerMinute: 100_000, burndown: 1 };
    bedrock = await startBedrock({
      port: 0,
      latencyScale: 0,
      models: { [MODEL]: model, [OTHER]: model },
      clock: () => nowMs,
      wait: async () => true,
    });
  });

  afterAll(async () => {
    if (isOpen) await bedrock.close();
  });

  describeAccountUse(
    'CloudWatch, simulated,',
    async () => ({
      port: useAt(bedrock.endpoint),
      run: (work) => work,
      use: async (modelId, atMs) => {
        nowMs = atMs;
        const client = createBedrockClient('us-east-1', 1, { endpoint: bedrock.endpoint, credentials });
        const { usage } = await client.send(
          new ConverseCommand({
            modelId,
            messages: [{ role: 'user', content: [{ text: 'Hello. [[sim:output_tokens=20]]' }] }],
            inferenceConfig: { maxTokens: 100 },
          }),
        );
        client.destroy();
        const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
        return { inputTokens, outputTokens, cacheWriteTokens: 0 };
      },
      fail: async () => {
        isOpen = false;
        await bedrock.close();
      },
    }),
    [MODEL, OTHER],
  );
});
