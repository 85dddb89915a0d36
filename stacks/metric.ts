import { type DimensionOf, METRIC_NAMESPACE, type MetricName } from '../shared/contract/metrics.ts';

/** One figure as CloudWatch finds it. */
export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A figure that the functions emit. */
export const metricOf = <M extends MetricName>(
  metricName: M,
  dimensions: Readonly<Record<DimensionOf<M>, string>>,
): Metric => ({ namespace: METRIC_NAMESPACE, metricName, dimensions });

/** Messages of a queue that wait to be received. */
export const waitingMessages = (queueName: string): Metric => ({
  namespace: 'AWS/SQS',
  metricName: 'ApproximateNumberOfMessagesVisible',
  dimensions: { QueueName: queueName },
});
