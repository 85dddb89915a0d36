import { AWS_METRICS, type AwsDimensionOf, type AwsMetricName } from '../shared/contract/aws-metrics.ts';
import { type DimensionOf, type MetricName, metricNamespace } from '../shared/contract/metrics.ts';

/** One figure as CloudWatch finds it. */
export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export type MetricOf = <M extends MetricName>(
  metricName: M,
  dimensions: Readonly<Record<DimensionOf<M>, string>>,
) => Metric;

/** Figures that the functions of a deployment emit. */
export const metricsOf =
  (environment: string | undefined): MetricOf =>
  (metricName, dimensions) => ({ namespace: metricNamespace(environment), metricName, dimensions });

/** A figure that AWS keeps. */
export const awsMetric = <M extends AwsMetricName>(
  metricName: M,
  dimensions: Readonly<Record<AwsDimensionOf<M>, string>>,
): Metric => ({ namespace: AWS_METRICS[metricName].namespace, metricName, dimensions });
