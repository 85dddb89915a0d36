import { z } from 'zod';
import type { LiveModel } from './live-model.ts';
import type { Service } from './service.ts';
import type { TokenMetric } from './token-counts.ts';
import { calledRegion } from './wire/called-region.ts';
import { jsonResponse } from './wire/http-answers.ts';
import type { Exchange } from './wire/one-port-server.ts';

const TARGET = /^GraniteServiceVersion20100801\.(.+)$/;
const maxBodyBytes = 100_000;

const inputSchema = z.object({
  StartTime: z.number(),
  EndTime: z.number(),
  MetricDataQueries: z.array(
    z.object({
      Id: z.string(),
      MetricStat: z.object({
        Metric: z.object({
          Namespace: z.literal('AWS/Bedrock'),
          MetricName: z.enum(['InputTokenCount', 'OutputTokenCount', 'CacheWriteInputTokens']),
          Dimensions: z.tuple([z.object({ Name: z.literal('ModelId'), Value: z.string() })]),
        }),
        Period: z.number().int().multipleOf(60).min(60),
        Stat: z.literal('Sum'),
      }),
    }),
  ),
});

export const isCloudWatchCall = ({ method, header }: Exchange): boolean =>
  method === 'POST' && TARGET.test(header('x-amz-target') ?? '');

const fault = (name: string, message: string) => jsonResponse(400, { __type: name, message });

const modelOf = ({ models }: Service, id: string, region: string | undefined): LiveModel | undefined =>
  models.all.find((model) => model.id === `${id}@${region}`) ?? models.all.find((model) => model.id === id);

function resultsOf(service: Service, body: unknown, region: string | undefined) {
  const parsed = inputSchema.safeParse(body);
  if (!parsed.success)
    return fault(
      'InvalidParameterValueException',
      'The simulator tells sums of InputTokenCount, OutputTokenCount and CacheWriteInputTokens of AWS/Bedrock by ModelId, for periods of whole minutes.',
    );
  const { StartTime: fromSeconds, EndTime: toSeconds, MetricDataQueries } = parsed.data;
  return jsonResponse(200, {
    MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Metric, Period: periodSeconds } }) => {
      const metric: TokenMetric = Metric.MetricName;
      const model = modelOf(service, Metric.Dimensions[0].Value, region);
      const sums = model?.tokens.sums(metric, { fromSeconds, toSeconds, periodSeconds }) ?? [];
      return {
        Id,
        Label: metric,
        StatusCode: 'Complete',
        Timestamps: sums.map(([seconds]) => seconds),
        Values: sums.map(([, sum]) => sum),
      };
    }),
  });
}

/** GetMetricData, as far as the pipeline asks it: what everybody used of a model, ours and others. */
export async function handleCloudWatch(service: Service, exchange: Exchange): Promise<void> {
  const body = await exchange.readBody(maxBodyBytes);
  if (body.kind === 'cut_off') return;
  const operation = TARGET.exec(exchange.header('x-amz-target') ?? '')?.[1] ?? '';
  if (operation !== 'GetMetricData') {
    exchange.respond(
      fault('UnknownOperationException', `${operation} is not an operation of this simulator`),
    );
    return;
  }
  try {
    const input = body.kind === 'whole' ? (JSON.parse(body.text) as unknown) : undefined;
    exchange.respond(resultsOf(service, input, calledRegion(exchange)));
  } catch {
    exchange.respond(fault('SerializationException', 'The body must be JSON.'));
  }
}
