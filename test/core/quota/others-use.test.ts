import type { UseReading } from '../../../shared/contract/use-reading.ts';
import {
  isLookDue,
  othersPerMinute,
  spanToRead,
  withoutUse,
  withUse,
} from '../../../shared/core/quota/others-use.ts';
import { quotaInForce } from '../../../shared/core/quota/quota-in-force.ts';
import { settingsOf } from '../../fakes/world.ts';

const MINUTE_MS = 60_000;
/** A whole hour, and ten minutes. */
const NOW_MS = 490_000 * 3_600_000 + 10 * MINUTE_MS;

const used = (inputTokens: number, outputTokens = 0, cacheWriteTokens = 0) => ({
  inputTokens,
  outputTokens,
  cacheWriteTokens,
});

const readingOf = (tokens: readonly number[], fault?: string): UseReading => ({
  model_id: 'm',
  looked_at_ms: NOW_MS,
  windows: tokens.map((count, index) => ({ from_ms: NOW_MS + index * 5 * MINUTE_MS, tokens: count })),
  ...(fault === undefined ? {} : { fault }),
});

describe('the use of others', () => {
  it('is read for whole windows that CloudWatch has had time for, an hour back at most', () => {
    expect(spanToRead(undefined, 'm', NOW_MS)).toEqual({
      fromMs: NOW_MS - 65 * MINUTE_MS,
      toMs: NOW_MS - 5 * MINUTE_MS,
    });
    expect(spanToRead(undefined, 'm', NOW_MS + 4 * MINUTE_MS)?.toMs).toBe(NOW_MS - 5 * MINUTE_MS);
  });

  it('is read on from what is known, and not at all before there is more', () => {
    const span = { fromMs: NOW_MS - 10 * MINUTE_MS, toMs: NOW_MS - 5 * MINUTE_MS };
    const none = new Map();
    const known = withUse(undefined, {
      modelId: 'm',
      burndown: 5,
      nowMs: NOW_MS,
      span,
      ofAll: none,
      ofOurs: none,
    });

    expect(spanToRead(known, 'm', NOW_MS)).toBeUndefined();
    expect(spanToRead(known, 'm', NOW_MS + 5 * MINUTE_MS)).toEqual({ fromMs: span.toMs, toMs: NOW_MS });
    expect(spanToRead(known, 'another', NOW_MS)?.fromMs).toBe(NOW_MS - 65 * MINUTE_MS);
  });

  it('is looked at every five minutes, and at once for another model', () => {
    expect(isLookDue(undefined, 'm', NOW_MS)).toBe(true);
    expect(isLookDue(readingOf([]), 'm', NOW_MS + 5 * MINUTE_MS - 1)).toBe(false);
    expect(isLookDue(readingOf([]), 'm', NOW_MS + 5 * MINUTE_MS)).toBe(true);
    expect(isLookDue(readingOf([]), 'another', NOW_MS)).toBe(true);
  });

  it('is all that was used less our own, weighed as the quota weighs it', () => {
    const fromMs = NOW_MS - 15 * MINUTE_MS;
    const second = fromMs + 5 * MINUTE_MS;
    const reading = withUse(undefined, {
      modelId: 'm',
      burndown: 5,
      nowMs: NOW_MS,
      span: { fromMs, toMs: NOW_MS - 5 * MINUTE_MS },
      ofAll: new Map([
        [fromMs, used(1000, 100, 7)],
        [second, used(10)],
      ]),
      ofOurs: new Map([
        [fromMs, used(400, 60)],
        // Told a moment later by the other side.
        [second, used(11)],
      ]),
    });

    expect(reading.windows).toEqual([
      { from_ms: fromMs, tokens: 807 },
      { from_ms: second, tokens: 0 },
    ]);
  });

  it('forgets what is older than an hour', () => {
    const old = {
      model_id: 'm',
      looked_at_ms: 0,
      windows: [{ from_ms: NOW_MS - 70 * MINUTE_MS, tokens: 9 }],
    };
    const span = { fromMs: NOW_MS - 10 * MINUTE_MS, toMs: NOW_MS - 5 * MINUTE_MS };
    const none = new Map();

    expect(
      withUse(old, { modelId: 'm', burndown: 1, nowMs: NOW_MS, span, ofAll: none, ofOurs: none }).windows,
    ).toEqual([{ from_ms: span.fromMs, tokens: 0 }]);
  });

  it('stays as it was while it cannot be read, and says why', () => {
    const failed = withoutUse(readingOf([500]), { modelId: 'm', nowMs: NOW_MS + 1, fault: 'no' });

    expect(failed).toEqual({ ...readingOf([500], 'no'), looked_at_ms: NOW_MS + 1 });
    expect(withoutUse(readingOf([500]), { modelId: 'n', nowMs: 1, fault: 'no' }).windows).toEqual([]);
  });

  it('is that of their busiest five minutes, by the minute', () => {
    expect(othersPerMinute(readingOf([500, 2000, 0]), 'm')).toBe(400);
    expect(othersPerMinute(readingOf([]), 'm')).toBeUndefined();
    expect(othersPerMinute(readingOf([500]), 'another')).toBeUndefined();
  });
});

describe('a measured headroom', () => {
  const { a } = settingsOf({
    models: { a: { model_id: 'm', quota: { tokens_per_minute: 1000 }, headroom: 'measured' } },
  }).models;
  if (a === undefined) throw new Error('no pool');

  it.each([
    ['what others use', readingOf([1500]), { limits: { tokens_per_minute: 700 }, warning: undefined }],
    ['nine tenths at most', readingOf([50_000]), { limits: { tokens_per_minute: 100 } }],
    ['nothing where nobody else is', readingOf([0]), { limits: { tokens_per_minute: 1000 } }],
    [
      'nothing before it was measured',
      undefined,
      {
        limits: { tokens_per_minute: 1000 },
        warning: 'What others use has not been measured yet: nothing is left to them yet.',
      },
    ],
    [
      'as before while it cannot be read',
      readingOf([1500], 'Error: no'),
      {
        limits: { tokens_per_minute: 700 },
        warning: 'What others use could not be read, what was known of it goes on: Error: no',
      },
    ],
  ])('leaves %s', (_, use, expected) => {
    expect(quotaInForce(a, { use })).toMatchObject(expected);
  });
});
