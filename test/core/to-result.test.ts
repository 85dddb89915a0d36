import { type Ended, toResult } from '../../shared/core/to-result.ts';
import { heldWith, NOON_MS, REQUEST_ID, settingsOf } from './samples.ts';

const pool = settingsOf({
  models: {
    haiku: { model_id: 'model-a', quota: { tokens_per_minute: 1000 }, prices: { input: 1, output: 5 } },
  },
}).models.haiku;

const contextWith = (prices: { input: number; output: number } | undefined) => {
  if (pool === undefined) throw new Error('the pool is configured');
  const { prices: _, ...rest } = pool;
  return { pool: prices === undefined ? rest : { ...rest, prices }, region: 'eu-west-1' };
};

const PRICED = contextWith({ input: 1, output: 5 });

const answered: Ended = {
  ending: {
    status: 'succeeded',
    answer: {
      content: 'hi',
      output: { message: { role: 'assistant', content: [{ text: 'hi' }] } },
      stopReason: 'end_turn',
      usage: { input_tokens: 1000, output_tokens: 100, cache_read_tokens: 0, cache_write_tokens: 0 },
    },
  },
  attempts: 2,
  calledAtMs: NOON_MS + 700,
  finishedAtMs: NOON_MS + 1900,
};

describe('the result', () => {
  it('of an answered request has the answer, its cost, and its times', () => {
    expect(toResult(heldWith({ metadata: { k: 'v' } }), answered, PRICED)).toEqual({
      request_id: REQUEST_ID,
      custom_id: 'a-1',
      tenant: 'default',
      status: 'succeeded',
      model: 'model-a',
      pool: 'haiku',
      priority: 'normal',
      accepted_at: '2026-01-31T12:00:00.000Z',
      expires_at: '2026-01-31T12:01:00.000Z',
      attempts: 2,
      region: 'eu-west-1',
      content: 'hi',
      output: { message: { role: 'assistant', content: [{ text: 'hi' }] } },
      stop_reason: 'end_turn',
      usage: { input_tokens: 1000, output_tokens: 100, cache_read_tokens: 0, cache_write_tokens: 0 },
      cost_usd: 0.0015,
      latency_ms: 1200,
      wait_ms: 700,
      finished_at: '2026-01-31T12:00:01.900Z',
      error: null,
      metadata: { k: 'v' },
    });
  });

  it('has no cost where the pool has no prices', () => {
    expect(toResult(heldWith(), answered, contextWith(undefined))).toMatchObject({ cost_usd: null });
  });

  it('of a failed request says why, in the words of the service', () => {
    const ended: Ended = {
      ending: { status: 'failed', code: 'model_rejected_request', detail: 'bad tool' },
      attempts: 1,
      calledAtMs: NOON_MS + 100,
      finishedAtMs: NOON_MS + 300,
    };

    expect(toResult(heldWith(), ended, PRICED)).toMatchObject({
      status: 'failed',
      content: null,
      output: null,
      stop_reason: null,
      usage: null,
      cost_usd: null,
      latency_ms: 200,
      wait_ms: 100,
      error: {
        type: 'urn:smoother:problem:model_rejected_request',
        status: 400,
        detail: 'bad tool',
        code: 'model_rejected_request',
        request_id: REQUEST_ID,
        retryable: false,
      },
    });
  });

  it('of a request that was never called has waited until its end', () => {
    const ended: Ended = {
      ending: { status: 'expired', code: 'deadline_passed' },
      attempts: 0,
      finishedAtMs: NOON_MS + 60_000,
    };

    expect(toResult(heldWith(), ended, PRICED)).toMatchObject({
      status: 'expired',
      attempts: 0,
      latency_ms: null,
      wait_ms: 60_000,
      finished_at: '2026-01-31T12:01:00.000Z',
      error: {
        code: 'deadline_passed',
        detail: 'Give a later deadline, a higher priority, or ask for more quota.',
      },
    });
  });

  it('of a request that was canceled says so, and not what to do', () => {
    const ended: Ended = {
      ending: { status: 'canceled', code: 'canceled' },
      attempts: 0,
      finishedAtMs: NOON_MS + 1000,
    };

    expect(toResult(heldWith(), ended, PRICED).error?.detail).toBe('Canceled at the caller’s wish.');
  });
});
