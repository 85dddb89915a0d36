import { NO_CONTROLS } from '../../shared/contract/controls.ts';
import { hasLapsed, toPendingView, toResultWithoutText } from '../../shared/core/to-view.ts';
import { poolReportOf } from '../fakes/pool-report.ts';
import { itemWith, NOON_MS, REQUEST_ID } from './samples.ts';

const CONTEXT = {
  modelId: 'model-a',
  region: 'us-east-1',
  nowMs: NOON_MS + 1000,
  report: undefined,
  controls: NO_CONTROLS,
  firstGuessMs: 5000,
};

describe('a request that has not ended', () => {
  it('is seen as it waits for a drain, while nobody tells of one', () => {
    expect(toPendingView(itemWith({ attempts: 1 }), CONTEXT)).toEqual({
      request_id: REQUEST_ID,
      custom_id: 'a-1',
      tenant: 'default',
      status: 'queued',
      model: 'model-a',
      pool: 'haiku',
      priority: 'normal',
      accepted_at: '2026-01-31T12:00:00.000Z',
      expires_at: '2026-01-31T12:01:00.000Z',
      attempts: 1,
      waiting_for: 'drain',
      ahead: null,
      eta_seconds: 6,
    });
  });

  it('waits for nothing while it runs', () => {
    expect(toPendingView(itemWith({ status: 'running' }), CONTEXT)).toMatchObject({
      status: 'running',
      waiting_for: null,
      ahead: null,
      eta_seconds: 5,
    });
  });

  it('is answered, once it runs, a call after its last attempt began, but never in less than a second', () => {
    const report = poolReportOf({ latency_ms: 8_200 });
    const running = itemWith({
      status: 'running',
      attemptLog: [
        { epoch: 1, startedAtMs: NOON_MS - 60_000, outcome: 'throttled' },
        { epoch: 1, startedAtMs: NOON_MS },
      ],
    });
    const etaAt = (nowMs: number) => toPendingView(running, { ...CONTEXT, nowMs, report }).eta_seconds;
    expect([NOON_MS, NOON_MS + 5_000, NOON_MS + 60_000].map(etaAt)).toEqual([9, 4, 1]);
  });

  it('waits for capacity while none of several targets may be called', () => {
    const target = (breaker: 'open' | 'closed') => ({
      name: 'model-a',
      state: 'open' as const,
      paused_until_ms: 0,
      breaker,
      open_until_ms: 0,
      in_flight: 0,
      latency_ms: 0,
      dimensions: [],
    });
    const waitingFor = (...targets: readonly ('open' | 'closed')[]) =>
      toPendingView(itemWith(), {
        ...CONTEXT,
        report: poolReportOf({ at_ms: NOON_MS, targets: targets.map(target) }),
      }).waiting_for;
    expect([waitingFor('open', 'open'), waitingFor('open', 'closed'), waitingFor()]).toEqual([
      'capacity',
      'quota',
      'quota',
    ]);
  });

  it.each([
    [{ paused_tenants: ['default'] }, 'pause'],
    [{ paused_classes: ['normal' as const] }, 'pause'],
    [{ spent_tenants: ['default'] }, 'budget'],
    [{ paused_tenants: ['alpha'], paused_classes: ['high' as const], spent_tenants: ['beta'] }, 'quota'],
  ])('waits, where the pool tells %j, for %s', (told, waitingFor) => {
    const report = poolReportOf({ at_ms: NOON_MS, ...told });
    const view = toPendingView(itemWith(), { ...CONTEXT, report });
    expect(view.waiting_for).toBe(waitingFor);
    expect([view.ahead, view.eta_seconds]).toEqual(waitingFor === 'quota' ? [0, 5] : [null, null]);
  });

  it.each([
    ['queued', 64_999, false],
    ['queued', 65_000, true],
    ['running', 60_000, false],
    ['succeeded', 60_000, false],
  ] as const)('%s, %i ms after acceptance, has lapsed: %s', (status, afterMs, lapsed) => {
    expect(hasLapsed(itemWith({ status }), NOON_MS + afterMs)).toBe(lapsed);
  });
});

describe('a request that waits', () => {
  it.each([
    [20, 60_001, 26],
    [60, 60_001, null],
  ])(
    'behind a pause of %i seconds, with a deadline after %i ms, is promised an answer in %s',
    (pause, deadlineMs, eta) => {
      const report = poolReportOf({ at_ms: NOON_MS, paused_until_ms: NOON_MS + pause * 1000 + 1 });
      const item = itemWith({ expiresAtMs: NOON_MS + deadlineMs });
      expect(toPendingView(item, { ...CONTEXT, nowMs: NOON_MS, report }).eta_seconds).toBe(eta);
    },
  );

  it.each([
    [true, NOON_MS, 'concurrency'],
    [true, NOON_MS - 60_000, 'drain'],
    [false, NOON_MS, 'quota'],
    [false, NOON_MS - 30_000, 'quota'],
    [false, NOON_MS - 30_001, 'drain'],
  ])(
    'where calls at once bind though quota is free: %s, as told at %i, waits for %s',
    (binds, atMs, what) => {
      const concurrency = { limit: 1, most: 1, in_flight: 1, others: 0, binds_while_quota_is_free: binds };
      const report = poolReportOf({ at_ms: atMs, concurrency });
      expect(toPendingView(itemWith(), { ...CONTEXT, nowMs: NOON_MS, report }).waiting_for).toBe(what);
    },
  );

  it.each([
    [undefined, 'drain'],
    [NOON_MS + 1, 'not_before'],
    [NOON_MS, 'drain'],
    [NOON_MS - 1, 'drain'],
  ])('not before %s, waits for %s', (notBeforeMs, waitingFor) => {
    const item = itemWith(notBeforeMs === undefined ? {} : { notBeforeMs });
    expect(toPendingView(item, { ...CONTEXT, nowMs: NOON_MS }).waiting_for).toBe(waitingFor);
  });
});

describe('a request whose text is not there', () => {
  it('reads as expired once it has lapsed, though no drain has met it', () => {
    expect(toResultWithoutText(itemWith(), { ...CONTEXT, nowMs: NOON_MS + 90_000 })).toEqual({
      request_id: REQUEST_ID,
      custom_id: 'a-1',
      tenant: 'default',
      status: 'expired',
      model: 'model-a',
      pool: 'haiku',
      priority: 'normal',
      accepted_at: '2026-01-31T12:00:00.000Z',
      expires_at: '2026-01-31T12:01:00.000Z',
      attempts: 0,
      region: 'us-east-1',
      content: null,
      output: null,
      stop_reason: null,
      usage: null,
      cost_usd: null,
      latency_ms: null,
      wait_ms: 60_000,
      finished_at: '2026-01-31T12:01:00.000Z',
      error: {
        type: 'urn:smoother:problem:deadline_passed',
        title: 'The deadline passed before the request could be answered',
        status: 408,
        detail: 'Give a later deadline, a higher priority, or ask for more quota.',
        code: 'deadline_passed',
        retryable: false,
        request_id: REQUEST_ID,
      },
      metadata: {},
    });
  });

  it('keeps what its state item tells', () => {
    const usage = { input_tokens: 10, output_tokens: 2, cache_read_tokens: 0, cache_write_tokens: 0 };
    const item = itemWith({
      status: 'failed',
      errorCode: 'model_unavailable',
      attempts: 8,
      usage,
      costUsd: 0.5,
      finishedAtMs: NOON_MS + 5000,
    });

    expect(toResultWithoutText(item, CONTEXT)).toMatchObject({
      status: 'failed',
      attempts: 8,
      usage: { input_tokens: 10, output_tokens: 2, cache_read_tokens: 0, cache_write_tokens: 0 },
      cost_usd: 0.5,
      latency_ms: null,
      wait_ms: null,
      finished_at: '2026-01-31T12:00:05.000Z',
      error: { code: 'model_unavailable', retryable: true },
    });
  });

  it.each([
    [{ status: 'succeeded', attempts: 1, calledAtMs: NOON_MS + 700 }, 4300, 700],
    [{ status: 'canceled', attempts: 1, calledAtMs: NOON_MS + 700 }, 4300, 700],
    [{ status: 'canceled', attempts: 0 }, null, 5000],
    [{ status: 'expired', attempts: 2 }, null, 5000],
    [{ status: 'succeeded', attempts: 1 }, null, null],
    [{ status: 'canceled', attempts: 1 }, null, null],
  ] as const)('of %j, ended after five seconds, took %s ms and waited %s', (fields, latencyMs, waitMs) => {
    const item = itemWith({ ...fields, finishedAtMs: NOON_MS + 5000 });

    expect(toResultWithoutText(item, CONTEXT)).toMatchObject({ latency_ms: latencyMs, wait_ms: waitMs });
  });

  it('has no error when it was canceled at its caller’s wish', () => {
    const item = itemWith({ status: 'canceled', finishedAtMs: NOON_MS + 5000 });

    expect(toResultWithoutText(item, CONTEXT)).toMatchObject({ status: 'canceled', error: null });
  });
});
