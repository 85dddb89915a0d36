import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import type { LogLevel } from '../../shared/ports/telemetry.ts';
import { describeTelemetry } from '../contracts/telemetry.contract.ts';

const start = (service = 'ingestion') => {
  const lines: unknown[] = [];
  const telemetry = createPowertoolsTelemetry({
    service,
    writeLine: (line) => lines.push(JSON.parse(line)),
    nowMs: () => 1_769_860_800_000,
  });
  return { telemetry, lines };
};

type Line = Readonly<Record<string, unknown>>;

describeTelemetry('Powertools', () => {
  const { telemetry, lines } = start();
  const all = (): readonly Line[] => lines as readonly Line[];
  return {
    port: telemetry,
    events: () =>
      all().flatMap(({ timestamp: _, service: __, level, event, ...fields }) =>
        event === undefined ? [] : [{ level: level as LogLevel, event: String(event), fields }],
      ),
    values: (metric, dimensions) =>
      all()
        .filter((line) => Object.entries(dimensions).every(([name, value]) => line[name] === value))
        .flatMap((line) => (line[metric] ?? []) as number | number[]),
  };
});

describe('powertools-telemetry', () => {
  it('writes a log line at once', () => {
    const { telemetry, lines } = start();
    telemetry.log('warn', 'wake_not_sent', { pool: 'haiku', tries: 2, gone: undefined });
    expect(lines).toEqual([
      {
        timestamp: '2026-01-31T12:00:00.000Z',
        level: 'warn',
        service: 'ingestion',
        event: 'wake_not_sent',
        pool: 'haiku',
        tries: 2,
      },
    ]);
  });

  it('adds counts up until the flush, and sends them as CloudWatch reads them', () => {
    const { telemetry, lines } = start();
    telemetry.measure('RequestsAccepted', 2, { door: 'http' });
    telemetry.measure('RequestsAccepted', 3, { door: 'http' });
    expect(lines).toEqual([]);
    telemetry.flush();
    telemetry.flush();
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: 1_769_860_800_000,
          CloudWatchMetrics: [
            {
              Namespace: 'BedrockRequestSmoother',
              Dimensions: [['door']],
              Metrics: [{ Name: 'RequestsAccepted', Unit: 'Count' }],
            },
          ],
        },
        door: 'http',
        RequestsAccepted: 5,
      },
    ]);
  });

  it('adds shares of a quota up as well', () => {
    const { telemetry, lines } = start();
    telemetry.measure('QuotaUse', 12.5, { pool: 'haiku' });
    telemetry.measure('QuotaUse', 2.25, { pool: 'haiku' });
    telemetry.flush();
    expect(lines).toMatchObject([
      {
        QuotaUse: 14.75,
        _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: 'QuotaUse', Unit: 'Percent' }] }] },
      },
    ]);
  });

  it('keeps every latency, so that percentiles are true, at most 99 in a line', () => {
    const { telemetry, lines } = start();
    for (let ms = 1; ms <= 100; ms += 1) telemetry.measure('ModelLatency', ms, { pool: 'haiku' });
    expect(lines).toMatchObject([{ ModelLatency: Array.from({ length: 99 }, (_, index) => index + 1) }]);
    telemetry.flush();
    expect(lines).toMatchObject([{}, { ModelLatency: 100 }]);
  });

  it('keeps dimensions apart', () => {
    const { telemetry, lines } = start();
    telemetry.measure('RequestsFailed', 1, { pool: 'haiku', code: 'deadline_passed' });
    telemetry.measure('RequestsFailed', 1, { pool: 'haiku', code: 'model_unavailable' });
    telemetry.measure('UnreadableMessages', 1, {});
    telemetry.flush();
    expect(lines).toMatchObject([
      { code: 'deadline_passed', RequestsFailed: 1 },
      { code: 'model_unavailable', RequestsFailed: 1 },
      { UnreadableMessages: 1, _aws: { CloudWatchMetrics: [{ Dimensions: [[]] }] } },
    ]);
  });

  it('keeps a null, which says that there is none', () => {
    const { telemetry, lines } = start();
    telemetry.log('info', 'request_finished', { code: null, errors: ['a'] });
    expect(lines).toMatchObject([{ code: null, errors: ['a'] }]);
  });

  it('keeps two functions in one process apart', () => {
    const one = start('ingestion');
    const other = start('query');
    one.telemetry.measure('RequestsAccepted', 1, { door: 'http' });
    other.telemetry.measure('RequestsRefused', 1, { door: 'http' });
    one.telemetry.log('info', 'one');
    other.telemetry.log('info', 'other');
    one.telemetry.flush();
    other.telemetry.flush();
    expect(one.lines).toMatchObject([{ service: 'ingestion', event: 'one' }, { RequestsAccepted: 1 }]);
    expect(other.lines).toMatchObject([{ service: 'query', event: 'other' }, { RequestsRefused: 1 }]);
    expect(JSON.stringify(one.lines)).not.toMatch(/query|RequestsRefused|ColdStart|cold_start/);
  });

  it.each([
    { POWERTOOLS_DEV: 'true' },
    { POWERTOOLS_LOG_LEVEL: 'SILENT', LOG_LEVEL: 'SILENT' },
    { POWERTOOLS_LOGGER_SAMPLE_RATE: '1' },
    { POWERTOOLS_LOGGER_LOG_EVENT: 'true' },
    { POWERTOOLS_METRICS_DISABLED: 'true', POWERTOOLS_METRICS_NAMESPACE: 'other' },
    { POWERTOOLS_SERVICE_NAME: 'other', TZ: 'Europe/Berlin', _X_AMZN_TRACE_ID: 'Root=1-2-3' },
    { AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand' },
  ])('writes the same lines, and nothing to standard output, with %j in the environment', (variables) => {
    const printed = ['stdout', 'stderr'].map((name) =>
      jest.spyOn(process[name as 'stdout' | 'stderr'], 'write').mockImplementation(() => true),
    );
    const env = jest.replaceProperty(process, 'env', { ...process.env, ...variables });
    const { telemetry, lines } = start();
    telemetry.log('info', 'drain_ended', { pool: 'haiku' });
    for (let ms = 1; ms <= 250; ms += 1) telemetry.measure('ModelLatency', ms, { pool: 'haiku' });
    telemetry.measure('UnreadableMessages', 1, {});
    telemetry.flush();
    telemetry.flush();
    env.restore();
    const calls = printed.map((spy) => spy.mock.calls.length);
    for (const spy of printed) spy.mockRestore();
    expect(calls).toEqual([0, 0]);
    expect(lines).toMatchObject([
      {
        timestamp: '2026-01-31T12:00:00.000Z',
        level: 'info',
        service: 'ingestion',
        event: 'drain_ended',
        pool: 'haiku',
      },
      { _aws: { CloudWatchMetrics: [{ Namespace: 'BedrockRequestSmoother' }] } },
      {},
      {},
      { UnreadableMessages: 1 },
    ]);
    expect(Object.keys(lines[0] as object)).toEqual(['timestamp', 'level', 'service', 'event', 'pool']);
  });

  it('leaves out what Lambda’s log controls do not want, and still sends every metric', () => {
    const env = jest.replaceProperty(process, 'env', { ...process.env, AWS_LAMBDA_LOG_LEVEL: 'ERROR' });
    const { telemetry, lines } = start();
    telemetry.log('info', 'request_finished');
    telemetry.log('error', 'flush_failed');
    telemetry.measure('RequestsAccepted', 1, { door: 'http' });
    telemetry.flush();
    env.restore();
    expect(lines).toMatchObject([{ event: 'flush_failed' }, { RequestsAccepted: 1 }]);
  });
});
