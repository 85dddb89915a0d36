import { backlogProblem, type LowWork } from '../../shared/core/back-pressure.ts';
import type { WaitContext } from '../../shared/core/predict-wait.ts';
import { poolReportOf } from '../fakes/pool-report.ts';

const HOUR_SECONDS = 3600;

/** Ten requests a second, and what is ahead in the low lanes. */
const context = (low: number, report: Parameters<typeof poolReportOf>[0] = {}): WaitContext => {
  const plain = poolReportOf({ latency_ms: 2000 });
  const dimensions = plain.dimensions.map((dimension) => ({ ...dimension, level: 0, mean_charge: 1000 }));
  return {
    report: { ...plain, dimensions, lanes: { high: 0, normal: 0, low }, ...report },
    nowMs: plain.at_ms,
    firstGuessMs: 5000,
  };
};

const ONE: LowWork = { pool: 'haiku', requests: 1 };

describe('low work', () => {
  it('is taken while what waits can be done in time', () => {
    expect(backlogProblem(ONE, context(35_000), HOUR_SECONDS)).toBeUndefined();
  });

  it('is refused with how long it would take, and when to come again', () => {
    expect(backlogProblem(ONE, context(39_999), HOUR_SECONDS)).toEqual({
      type: 'urn:smoother:problem:backlog_too_long',
      title: 'The pool has more waiting than low work may wait for',
      status: 429,
      detail:
        'Low work sent to `haiku` now would wait about 4000 s (tokens_per_minute), and 3600 s are the most; nothing was accepted.',
      code: 'backlog_too_long',
      eta_seconds: 4002,
      retry_after_seconds: 400,
      retryable: true,
    });
  });

  it('is told to come again within the hour, however much waits', () => {
    expect(backlogProblem(ONE, context(900_000), HOUR_SECONDS)?.retry_after_seconds).toBe(3600);
  });

  it('is refused for its own number', () => {
    expect(backlogProblem({ ...ONE, requests: 36_001 }, context(0), HOUR_SECONDS)?.code).toBe(
      'backlog_too_long',
    );
    expect(backlogProblem({ ...ONE, requests: 36_000 }, context(0), HOUR_SECONDS)).toBeUndefined();
  });

  it('has only its share of what is served while more urgent work waits', () => {
    const urgent = { lanes: { high: 0, normal: 50_000, low: 2000 } };
    expect(backlogProblem(ONE, context(0, urgent), HOUR_SECONDS)?.code).toBe('backlog_too_long');
    expect(backlogProblem(ONE, context(2000), HOUR_SECONDS)).toBeUndefined();
  });

  it('is taken when nobody has told, or not lately', () => {
    expect(backlogProblem(ONE, { ...context(900_000), report: undefined }, HOUR_SECONDS)).toBeUndefined();
    const late = { ...context(900_000), nowMs: 1_000_000 + 30_001 };
    expect(backlogProblem(ONE, late, HOUR_SECONDS)).toBeUndefined();
  });
});
