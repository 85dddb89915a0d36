import type { QuotaReading } from '../../../shared/contract/quota-reading.ts';
import { isReadingDue, nextReading } from '../../../shared/core/quota/next-reading.ts';

const HOUR_MS = 3_600_000;

const found = (tokens: number, readAtMs: number): QuotaReading => ({
  model_id: 'm',
  outcome: 'found',
  read_at_ms: readAtMs,
  detail: 'Found.',
  quota: { tokens_per_minute: tokens },
  quota_read_at_ms: readAtMs,
});

const seen = (tokens: number) =>
  ({ outcome: 'found', detail: 'Found.', quota: { tokens_per_minute: tokens } }) as const;

describe('looking at Service Quotas', () => {
  it.each([
    ['before anybody has looked', undefined, 0, true],
    ['within the hour', found(5, 0), HOUR_MS - 1, false],
    ['after an hour', found(5, 0), HOUR_MS, true],
    ['for another model', { ...found(5, 0), model_id: 'n' }, 1, true],
    ['soon after a failure', { ...found(5, 0), outcome: 'failed' as const }, 299_999, false],
    ['five minutes after a failure', { ...found(5, 0), outcome: 'failed' as const }, 300_000, true],
  ])('%s', (_, last, nowMs, due) => {
    expect(isReadingDue(last, 'm', nowMs)).toBe(due);
  });
});

describe('a look', () => {
  it('that is the first changes nothing', () => {
    expect(nextReading(undefined, { modelId: 'm', nowMs: 7, seen: seen(5) })).toEqual({
      changed: false,
      reading: found(5, 7),
    });
  });

  it('that finds the same changes nothing but the time', () => {
    const before = { ...found(5, 7), changed_at_ms: 3 };

    expect(nextReading(before, { modelId: 'm', nowMs: 9, seen: seen(5) })).toEqual({
      changed: false,
      reading: { ...found(5, 9), changed_at_ms: 3 },
    });
  });

  it('that finds other limits is a change', () => {
    expect(nextReading(found(5, 7), { modelId: 'm', nowMs: 9, seen: seen(6) })).toEqual({
      changed: true,
      reading: { ...found(6, 9), changed_at_ms: 9 },
    });
  });

  it('that finds a limit gone is a change', () => {
    const before: QuotaReading = { ...found(5, 7), quota: { tokens_per_minute: 5, requests_per_minute: 2 } };

    expect(nextReading(before, { modelId: 'm', nowMs: 9, seen: seen(5) }).changed).toBe(true);
  });

  it('that finds a doubt keeps nothing of what was found before', () => {
    const ambiguous = { outcome: 'ambiguous', detail: 'Two.' } as const;

    expect(nextReading(found(5, 7), { modelId: 'm', nowMs: 9, seen: ambiguous })).toEqual({
      changed: true,
      reading: { model_id: 'm', outcome: 'ambiguous', read_at_ms: 9, detail: 'Two.', changed_at_ms: 9 },
    });
  });

  it('that fails keeps what was found before', () => {
    const failed = { outcome: 'failed', detail: 'No answer.' } as const;

    expect(nextReading(found(5, 7), { modelId: 'm', nowMs: 9, seen: failed })).toEqual({
      changed: false,
      reading: { ...found(5, 7), outcome: 'failed', read_at_ms: 9, detail: 'No answer.' },
    });
  });

  it('at another model begins anew', () => {
    expect(
      nextReading({ ...found(5, 7), changed_at_ms: 7 }, { modelId: 'n', nowMs: 9, seen: seen(6) }),
    ).toEqual({ changed: false, reading: { ...found(6, 9), model_id: 'n' } });
  });
});
