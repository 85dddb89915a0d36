import type { DimensionOf, MetricName } from '../contract/metrics.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** Facts about an event. Never the text of a prompt or an answer. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;

export interface Telemetry {
  log(level: LogLevel, event: string, fields?: LogFields): void;
  /** One value of a declared metric; several in one flush are sent together. */
  measure<M extends MetricName>(
    metric: M,
    value: number,
    dimensions: Readonly<Record<DimensionOf<M>, string>>,
  ): void;
  flush(): void;
}
