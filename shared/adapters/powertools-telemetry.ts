import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS, type MetricName, metricNamespace } from '../contract/metrics.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { createLineLogger } from './line-logger.ts';

export interface PowertoolsTelemetryOptions {
  readonly service: string;
  /** Of the deployment, where there are several. */
  readonly environment?: string | undefined;
  /** Takes one line of JSON: stdout in Lambda, a file locally. */
  readonly writeLine: (line: string) => void;
  readonly nowMs: () => number;
}

interface Series {
  readonly metric: MetricName;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: number[];
}

/** CloudWatch takes a hundred in one line; at the hundredth Powertools would write to standard output by itself. */
const MOST_VALUES = 99;

const UNITS = {
  Count: MetricUnit.Count,
  Milliseconds: MetricUnit.Milliseconds,
  Percent: MetricUnit.Percent,
} as const;

const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const createMetrics = ({ service, environment }: PowertoolsTelemetryOptions): Metrics => {
  const namespace = metricNamespace(environment);
  const metrics = new Metrics({ namespace, serviceName: service, logger: SILENT });
  metrics.clearDefaultDimensions();
  return metrics;
};

/** One series in CloudWatch's embedded format, which reads no dimensions from one empty set of them. */
const toLine = (metrics: Metrics, { metric, dimensions, values }: Series, nowMs: number): string => {
  metrics.setTimestamp(nowMs);
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  for (const value of values) metrics.addMetric(metric, UNITS[METRICS[metric].unit], value);
  const { _aws, ...fields } = metrics.serializeMetrics();
  metrics.clearMetrics();
  metrics.clearDimensions();
  const CloudWatchMetrics = _aws.CloudWatchMetrics.map((directive) => ({
    ...directive,
    Dimensions: Object.keys(dimensions).length === 0 ? [[]] : directive.Dimensions,
  }));
  return JSON.stringify({ _aws: { ..._aws, CloudWatchMetrics }, ...fields });
};

/** Logs as JSON lines, metrics in CloudWatch's embedded format: no calls, no waiting. */
export const createPowertoolsTelemetry = (options: PowertoolsTelemetryOptions): Telemetry => {
  const { writeLine, nowMs } = options;
  const logger = createLineLogger(options);
  const metrics = createMetrics(options);
  const series = new Map<string, Series>();

  const flushSeries = (key: string): void => {
    const found = series.get(key);
    if (found === undefined) return;
    series.delete(key);
    const addsUp = METRICS[found.metric].unit !== 'Milliseconds';
    const values = addsUp ? [found.values.reduce((total, part) => total + part, 0)] : found.values;
    writeLine(toLine(metrics, { ...found, values }, nowMs()));
  };

  return {
    log: (level, event, fields = {}) => logger[level](event, fields),
    measure: (metric, value, dimensions) => {
      const key = JSON.stringify([metric, dimensions]);
      const known = series.get(key) ?? { metric, dimensions, values: [] };
      series.set(key, known);
      known.values.push(value);
      if (known.values.length >= MOST_VALUES) flushSeries(key);
    },
    flush: () => {
      for (const key of [...series.keys()]) flushSeries(key);
    },
  };
};
