import type { LogLevel, Telemetry } from '../../shared/ports/telemetry.ts';

export interface TelemetrySubject {
  readonly port: Telemetry;
  readonly events: () => readonly {
    readonly level: LogLevel;
    readonly event: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  /** What has been written of a metric so far. */
  readonly values: (metric: string, dimensions: Readonly<Record<string, string>>) => readonly number[];
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export const describeTelemetry = (name: string, open: () => TelemetrySubject): void => {
  describe(`${name} as telemetry`, () => {
    it.each(['info', 'warn', 'error'] as const)(
      'logs an event of level %s at once, with its fields',
      (level) => {
        const { port, events } = open();
        port.log(level, 'something_happened', {
          pool: 'haiku',
          tries: 2,
          known: false,
          ids: ['a', 'b'],
          of: null,
        });
        expect(events()).toEqual([
          {
            level,
            event: 'something_happened',
            fields: { pool: 'haiku', tries: 2, known: false, ids: ['a', 'b'], of: null },
          },
        ]);
      },
    );

    it('needs no fields', () => {
      const { port, events } = open();
      port.log('info', 'something_happened');
      expect(events()).toEqual([{ level: 'info', event: 'something_happened', fields: {} }]);
    });

    it('loses no value of a metric, however many come before a flush, and tells none twice', () => {
      const { port, values } = open();
      for (let index = 1; index <= 250; index += 1) port.measure('RequestsAccepted', index, { door: 'http' });
      port.flush();
      port.flush();
      expect(sumOf(values('RequestsAccepted', { door: 'http' }))).toBe(31_375);
    });

    it('keeps dimensions and metrics apart', () => {
      const { port, values } = open();
      port.measure('RequestsAccepted', 1, { door: 'http' });
      port.measure('RequestsAccepted', 2, { door: 'queue' });
      port.measure('RequestsRefused', 4, { door: 'http' });
      port.flush();
      port.measure('RequestsAccepted', 8, { door: 'http' });
      port.flush();
      expect(sumOf(values('RequestsAccepted', { door: 'http' }))).toBe(9);
      expect(sumOf(values('RequestsAccepted', { door: 'queue' }))).toBe(2);
      expect(sumOf(values('RequestsRefused', { door: 'http' }))).toBe(4);
    });

    it('keeps each of the times, for percentiles', () => {
      const { port, values } = open();
      for (const ms of [5, 7, 5]) port.measure('ModelLatency', ms, { pool: 'haiku' });
      port.flush();
      expect(values('ModelLatency', { pool: 'haiku' }).toSorted((one, other) => one - other)).toEqual([
        5, 5, 7,
      ]);
    });
  });
};
