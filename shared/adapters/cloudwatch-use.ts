import { z } from 'zod';
import { type TokensUsed, WINDOW_MS } from '../core/quota/others-use.ts';
import type { AccountUse } from '../ports/account-use.ts';
import type { AwsJsonCall } from './aws-json-call.ts';

/** It signs by the name of its host, and speaks JSON 1.0 beside its own protocols. */
export const CLOUDWATCH_API = {
  service: 'monitoring',
  targetPrefix: 'GraniteServiceVersion20100801',
  jsonVersion: '1.0',
} as const;

/** https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html */
const METRICS = {
  inputTokens: 'InputTokenCount',
  outputTokens: 'OutputTokenCount',
  cacheWriteTokens: 'CacheWriteInputTokens',
} as const satisfies Record<keyof TokensUsed, string>;

const KINDS = Object.keys(METRICS) as readonly (keyof TokensUsed)[];

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const answerSchema = z.object({
  MetricDataResults: z.array(
    z.object({
      Id: z.string(),
      StatusCode: z.string().optional(),
      Timestamps: z.array(z.number()).default([]),
      Values: z.array(z.number()).default([]),
    }),
  ),
});

const NONE: TokensUsed = { inputTokens: 0, outputTokens: 0, cacheWriteTokens: 0 };

const queryOf = (kind: keyof TokensUsed, modelId: string) => ({
  Id: kind,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/Bedrock',
      MetricName: METRICS[kind],
      Dimensions: [{ Name: 'ModelId', Value: modelId }],
    },
    Period: WINDOW_MS / 1000,
    Stat: 'Sum',
  },
});

/** What Bedrock's own metrics tell of a model, whoever called it. */
export const createCloudWatchUse = (call: AwsJsonCall): AccountUse => ({
  ofModel: async (modelId, { fromMs, toMs }, timeoutMs) => {
    const input = {
      MetricDataQueries: KINDS.map((kind) => queryOf(kind, modelId)),
      StartTime: fromMs / 1000,
      EndTime: toMs / 1000,
      ScanBy: 'TimestampAscending',
    };
    const answer = answerSchema.parse(
      await call('GetMetricData', input, AbortSignal.timeout(timeoutMs)),
    ).MetricDataResults;
    const byWindow = new Map<number, TokensUsed>();
    for (const { Id, StatusCode, Timestamps, Values } of answer) {
      const kind = KINDS.find((known) => known === Id);
      // An hour of one metric is twelve values: whatever is not whole is a fault.
      if (kind === undefined || (StatusCode ?? 'Complete') !== 'Complete')
        throw new Error(`GetMetricData: ${Id} is ${StatusCode ?? 'unasked for'}`);
      for (const [index, second] of Timestamps.entries()) {
        const before = byWindow.get(second * 1000) ?? NONE;
        byWindow.set(second * 1000, { ...before, [kind]: before[kind] + (Values[index] ?? 0) });
      }
    }
    return byWindow;
  },
});
