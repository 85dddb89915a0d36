import { METRIC_NAMESPACE, METRICS, type MetricName } from '../contract/metrics.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface EmfTelemetryOptions {
  readonly service: string;
  /** Takes one line of JSON: stdout in Lambda, a file locally. */
  readonly writeLine: (line: string) => void;
  readonly nowMs: () => number;
}

interface Series {
  readonly metric: MetricName;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: number[];
}

/** CloudWatch takes at most so many values in one line. */
const MOST_VALUES = 100;

/** Logs as JSON lines, metrics in CloudWatch's embedded format: no calls, no waiting. */
export const createEmfTelemetry = ({ service, writeLine, nowMs }: EmfTelemetryOptions): Telemetry => {
  const series = new Map<string, Series>();

  const writeMetric = ({ metric, dimensions, values }: Series): void => {
    const { unit } = METRICS[metric];
    const emf = {
      Timestamp: nowMs(),
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [Object.keys(dimensions)],
          Metrics: [{ Name: metric, Unit: unit }],
        },
      ],
    };
    const value = unit === 'Count' ? values.reduce((total, part) => total + part, 0) : values;
    writeLine(JSON.stringify({ _aws: emf, ...dimensions, [metric]: value }));
  };

  const flushSeries = (key: string): void => {
    const found = series.get(key);
    if (found === undefined) return;
    series.delete(key);
    writeMetric(found);
  };

  return {
    log: (level, event, fields = {}) => {
      writeLine(
        JSON.stringify({ timestamp: new Date(nowMs()).toISOString(), level, service, event, ...fields }),
      );
    },
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
