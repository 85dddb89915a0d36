import { createReadApp } from '../../functions/query/read-app.ts';
import type { BatchEstimate, Estimate } from '../../shared/contract/estimate.ts';
import { batchEstimateSchema, estimateSchema } from '../../shared/contract/estimate.ts';
import type { PoolReport } from '../../shared/contract/pool-report.ts';
import { poolReportOf } from '../fakes/pool-report.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';

const PRICED = {
  models: {
    haiku: {
      model_id: 'model-haiku',
      quota: { tokens_per_minute: 600_000 },
      prices: { input: 1, output: 5 },
    },
  },
};

describe('an estimate', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: PRICED });
  });

  const post = async <T>(body: unknown): Promise<{ readonly status: number; readonly body: T }> => {
    const response = await createReadApp(acceptDepsOf(world)).request('/v1/requests/estimate', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as T };
  };

  const tell = async (fields: Partial<PoolReport>): Promise<void> => {
    const nowMs = world.clock.nowMs();
    await world.pools.acquire('haiku', nowMs, 10_000);
    await world.pools.heartbeat('haiku', {
      epoch: 1,
      nowMs,
      leaseMs: 10_000,
      snapshot: { takenAtMs: nowMs, levels: {}, pausedUntilMs: 0 },
      readyToHandOver: false,
      report: poolReportOf({ at_ms: nowMs, ...fields }),
    });
  };

  it('knows before any answer only how long one may be', async () => {
    const { status, body } = await post<Estimate>({ prompt: 'x'.repeat(400), max_tokens: 1_000 });
    expect(status).toBe(200);
    expect(estimateSchema.strict().safeParse(body).error).toBeUndefined();
    expect(body).toEqual({
      model: 'model-haiku',
      pool: 'haiku',
      priority: 'normal',
      input_tokens: 106,
      max_tokens: 1_000,
      expected_output_tokens: 1_000,
      reserved_tokens: 1_106,
      charged_tokens: 5_106,
      cost_usd: { least: 0.000106, expected: 0.005106, most: 0.005106 },
      ahead: null,
      wait_seconds: 1,
      eta_seconds: 6,
      limit: null,
      meets_deadline: true,
    });
    expect(world.requests.all()).toEqual([]);
    expect(world.queues.bodies('hold-haiku-normal-express')).toEqual([]);
  });

  it('goes by what the pool has learned, and says what binds', async () => {
    const [dimension] = poolReportOf().dimensions;
    if (dimension === undefined) throw new Error('no dimension');
    await tell({
      staged: { high: 0, normal: 99, low: 0 },
      input_ratio: 2,
      output_tokens: 50,
      latency_ms: 1_500,
      dimensions: [{ ...dimension, level: 0, mean_charge: 5_000 }],
      concurrency: { limit: 700, most: 700, in_flight: 0, others: 0, binds_while_quota_is_free: false },
    });
    const { body } = await post<Estimate>({
      prompt: 'x'.repeat(400),
      max_tokens: 1_000,
      expires_in_seconds: 40,
    });
    expect(body).toMatchObject({
      input_tokens: 212,
      expected_output_tokens: 50,
      charged_tokens: 462,
      cost_usd: { least: 0.000212, expected: 0.000462, most: 0.005212 },
      ahead: 99,
      wait_seconds: 50,
      eta_seconds: 52,
      limit: 'tokens_per_minute',
      meets_deadline: false,
    });
  });

  it('sums up what is sent together: each waits for those before it', async () => {
    await tell({
      latency_ms: 2_000,
      concurrency: { limit: 1, most: 1, in_flight: 0, others: 0, binds_while_quota_is_free: false },
    });
    const one = { prompt: 'x'.repeat(400), max_tokens: 1_000 };
    const { body } = await post<BatchEstimate>({ requests: [one, one, one] });
    expect(batchEstimateSchema.strict().safeParse(body).error).toBeUndefined();
    expect(body).toEqual({
      requests: 3,
      input_tokens: 318,
      expected_output_tokens: 3_000,
      reserved_tokens: 3_318,
      charged_tokens: 15_318,
      cost_usd: { least: 0.000318, expected: 0.015318, most: 0.015318 },
      eta_seconds: 6,
      limit: 'concurrency',
      miss_deadline: 0,
    });
  });

  it('names the same faults as a submission, of many each with its place', async () => {
    expect(await post({ promt: 'x' })).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ pointer: '/promt' }, { pointer: '' }] },
    });
    expect(await post({ requests: [{ prompt: 'x' }, { prompt: '' }] })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/requests/1/prompt' }] },
    });
  });

  it('costs nobody can tell without prices', async () => {
    world = createWorld();
    expect((await post<Estimate>({ prompt: 'x' })).body.cost_usd).toBeNull();
  });
});
