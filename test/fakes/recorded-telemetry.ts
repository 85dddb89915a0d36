import type { MetricName } from '../../shared/contract/metrics.ts';
import type { LogFields, LogLevel, Telemetry } from '../../shared/ports/telemetry.ts';

export interface LoggedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

export interface Measured {
  readonly metric: MetricName;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface RecordedTelemetry extends Telemetry {
  readonly events: readonly LoggedEvent[];
  readonly measured: readonly Measured[];
  /** Names of the events logged at `warn` and `error`, in order. */
  troubles(): readonly string[];
  total(metric: MetricName): number;
}

export const createRecordedTelemetry = (): RecordedTelemetry => {
  const events: LoggedEvent[] = [];
  const measured: Measured[] = [];
  return {
    events,
    measured,
    log: (level, event, fields = {}) => {
      events.push({ level, event, fields });
    },
    measure: (metric, value, dimensions) => {
      measured.push({ metric, value, dimensions });
    },
    flush: () => {},
    troubles: () => events.filter(({ level }) => level !== 'info').map(({ event }) => event),
    total: (wanted) =>
      measured.filter(({ metric }) => metric === wanted).reduce((total, { value }) => total + value, 0),
  };
};
