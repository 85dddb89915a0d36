import type { QuotaReading } from '../../../shared/contract/quota-reading.ts';
import { quotaInForce } from '../../../shared/core/quota/quota-in-force.ts';
import { withHeadroom } from '../../../shared/core/quota/with-headroom.ts';
import { settingsOf } from '../../fakes/world.ts';

const poolOf = (changes: Readonly<Record<string, unknown>>) => {
  const { a } = settingsOf({ models: { a: { model_id: 'm', ...changes } } }).models;
  if (a === undefined) throw new Error('no pool');
  return a;
};

const READ = { quota: 'service-quotas', fallback_quota: { tokens_per_minute: 500 } };

const FOUND: QuotaReading = {
  model_id: 'm',
  outcome: 'found',
  read_at_ms: 3000,
  detail: 'Found.',
  quota: { tokens_per_minute: 900 },
  quota_read_at_ms: 3000,
  changed_at_ms: 1000,
};

describe('headroom', () => {
  it('as a fraction is left of every limit', () => {
    const quota = { tokens_per_minute: 1000, requests_per_minute: 10, tokens_per_day: 50_000 };

    expect(withHeadroom(quota, 0.1)).toEqual({
      tokens_per_minute: 900,
      requests_per_minute: 9,
      tokens_per_day: 45_000,
    });
  });

  it('in tokens is left of what input counts against, and of nothing else', () => {
    expect(
      withHeadroom({ tokens_per_minute: 1000, requests_per_minute: 10 }, { tokens_per_minute: 300 }),
    ).toEqual({ tokens_per_minute: 700, requests_per_minute: 10 });
    expect(
      withHeadroom(
        { input_tokens_per_minute: 1000, output_tokens_per_minute: 100 },
        { tokens_per_minute: 300 },
      ),
    ).toEqual({ input_tokens_per_minute: 700, output_tokens_per_minute: 100 });
  });

  it('never leaves nothing', () => {
    expect(withHeadroom({ tokens_per_minute: 100 }, { tokens_per_minute: 300 })).toEqual({
      tokens_per_minute: 1,
    });
  });
});

describe('the quota in force', () => {
  it('is the configured one, less the headroom', () => {
    expect(quotaInForce(poolOf({ quota: { tokens_per_minute: 1000 }, headroom: 0.2 }))).toEqual({
      source: 'configured',
      granted: { tokens_per_minute: 1000 },
      limits: { tokens_per_minute: 800 },
      headroom: 0.2,
      othersPerMinute: undefined,
      readAtMs: undefined,
      changedAtMs: undefined,
      warning: undefined,
    });
  });

  it('is what Service Quotas grants, with the time it was read', () => {
    expect(quotaInForce(poolOf({ ...READ, headroom: 0.5 }), { reading: FOUND })).toEqual({
      source: 'service-quotas',
      granted: { tokens_per_minute: 900 },
      limits: { tokens_per_minute: 450 },
      headroom: 0.5,
      othersPerMinute: undefined,
      readAtMs: 3000,
      changedAtMs: 1000,
      warning: undefined,
    });
  });

  it('stays what was found last while the API cannot be read, and says so', () => {
    const reading: QuotaReading = { ...FOUND, outcome: 'failed', detail: 'It did not answer.' };

    expect(quotaInForce(poolOf(READ), { reading })).toMatchObject({
      source: 'service-quotas',
      limits: { tokens_per_minute: 900 },
      warning: 'It did not answer.',
    });
  });

  it.each([
    ['nothing has been read', undefined, 'Service Quotas has not been read yet.'],
    ['another model was read', { ...FOUND, model_id: 'n' }, 'Service Quotas has not been read yet.'],
    [
      'the name fits several',
      { model_id: 'm', outcome: 'ambiguous', read_at_ms: 1, detail: 'Two names fit.' } as const,
      'Two names fit.',
    ],
  ])('is the fallback when %s', (_, reading, warning) => {
    expect(quotaInForce(poolOf(READ), { reading })).toMatchObject({
      source: 'fallback',
      limits: { tokens_per_minute: 500 },
      warning,
    });
  });

  it('warns where the headroom is all that is granted', () => {
    const pool = poolOf({ ...READ, headroom: { tokens_per_minute: 300 } });
    const reading: QuotaReading = { ...FOUND, quota: { tokens_per_minute: 300, requests_per_minute: 5 } };

    expect(quotaInForce(pool, { reading })).toMatchObject({
      granted: { tokens_per_minute: 300 },
      limits: { tokens_per_minute: 1, requests_per_minute: 5 },
      warning:
        '`headroom` (300 tokens a minute) takes all that is granted of tokens_per_minute (300): one token a minute is used. Lower the headroom, or have the quota raised.',
    });
    expect(quotaInForce(pool, { reading: FOUND }).warning).toBeUndefined();
  });

  it('is what an operator has set, limit by limit', () => {
    const pool = poolOf({ quota: { tokens_per_minute: 1000, requests_per_minute: 5 } });

    expect(quotaInForce(pool, { override: { tokens_per_minute: 70 } })).toMatchObject({
      source: 'controls',
      granted: { tokens_per_minute: 70, requests_per_minute: 5 },
    });
    expect(quotaInForce(pool, { override: {} })).toMatchObject({ source: 'configured' });
  });
});
