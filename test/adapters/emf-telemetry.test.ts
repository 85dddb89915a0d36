import { createEmfTelemetry } from '../../shared/adapters/emf-telemetry.ts';

const start = () => {
  const lines: unknown[] = [];
  const telemetry = createEmfTelemetry({
    service: 'ingestion',
    writeLine: (line) => lines.push(JSON.parse(line)),
    nowMs: () => 1_769_860_800_000,
  });
  return { telemetry, lines };
};

describe('emf-telemetry', () => {
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

  it('keeps every latency, so that percentiles are true, at most a hundred in a line', () => {
    const { telemetry, lines } = start();
    for (let ms = 1; ms <= 101; ms += 1) telemetry.measure('ModelLatency', ms, { pool: 'haiku' });
    expect(lines).toMatchObject([{ ModelLatency: Array.from({ length: 100 }, (_, index) => index + 1) }]);
    telemetry.flush();
    expect(lines).toMatchObject([{}, { ModelLatency: [101] }]);
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
});
