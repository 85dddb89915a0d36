import { createReadApp } from '../../functions/query/read-app.ts';
import { type Control, NO_CONTROLS } from '../../shared/contract/controls.ts';
import type { PoolReport } from '../../shared/contract/pool-report.ts';
import { quotaSchema } from '../../shared/contract/quota-view.ts';
import { type Around, failing } from '../fakes/interpose.ts';
import { poolReportOf } from '../fakes/pool-report.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain } from '../flows/drain/drains.ts';
import { accept, acceptPrompts, fromQueue } from '../flows/submissions.ts';

const PAUSED_HAIKU: Control = {
  kind: 'pool',
  name: 'haiku',
  paused: true,
  reason: 'a test',
  changed_at_ms: 0,
  changed_by: 'ops',
};

describe('the HTTP door for reading', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: { average_request_duration: 2.5 } });
  });

  const get = async (path: string, around?: Parameters<typeof acceptDepsOf>[1], method = 'GET') => {
    const response = await createReadApp(acceptDepsOf(world, around)).request(path, { method });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as Readonly<Record<string, unknown>>,
    };
  };

  it('shows a request that waits, and when to look again', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    expect(await get(`/v1/requests/${id}`)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', 'retry-after': '4' },
      body: { request_id: id, status: 'queued' },
    });
  });

  describe('asked to wait', () => {
    const waitFor = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      world.clock.run(Promise.resolve(createReadApp(acceptDepsOf(world)).request(path, { headers })));

    it.each([
      ['?wait=2', {}, 2],
      ['', { prefer: 'wait=3' }, 3],
      ['?wait=600', {}, 10],
      ['?wait=0', {}, 0],
    ])('by %s %j, waits at most what the settings allow, and says so', async (query, headers, seconds) => {
      world = createWorld({ settings: { longest_poll_seconds: 10 } });
      const [id] = await acceptPrompts(world, ['x']);
      const startedAtMs = world.clock.monotonicMs();
      const response = await waitFor(`/v1/requests/${id}${query}`, headers);
      expect([response.status, response.headers.get('preference-applied')]).toEqual([200, `wait=${seconds}`]);
      const tookMs = world.clock.monotonicMs() - startedAtMs;
      expect(tookMs).toBeGreaterThanOrEqual(seconds * 1000);
      expect(tookMs).toBeLessThanOrEqual(seconds * 1000 + 250);
    });

    it('does not wait where a waiting function would be paid for, unless the settings say so', async () => {
      const [id] = await acceptPrompts(world, ['x']);
      const response = await waitFor(`/v1/requests/${id}?wait=20`);
      expect(response.headers.get('preference-applied')).toBe('wait=0');
      expect(world.clock.monotonicMs()).toBe(0);
    });

    it('refuses what is no number of seconds, before it looks for the request', async () => {
      expect(
        await get(
          '/v1/requests/req_00000000000000000000000000?wait=soon',
          failing(() => true),
        ),
      ).toMatchObject({
        status: 422,
        body: { code: 'invalid_request', errors: [{ parameter: 'wait', code: 'invalid_value' }] },
      });
    });
  });

  const report = async (fields: Partial<PoolReport>): Promise<void> => {
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

  it('says how many are ahead, how long it will take, and to look again by then', async () => {
    const [id] = await acceptPrompts(world, ['x'], { priority: 'low' });
    await report({
      staged: { high: 1, normal: 2, low: 4 },
      lanes: { high: 0, normal: 0, low: 593 },
      latency_ms: 30_000,
    });
    expect(await get(`/v1/requests/${id}`)).toMatchObject({
      headers: { 'retry-after': '300' },
      body: { waiting_for: 'quota', ahead: 600, eta_seconds: 601 },
    });
  });

  it('tells with every answer what the quota of its pool is', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    expect((await get(`/v1/requests/${id}`)).headers).not.toHaveProperty('ratelimit');
    await report({});
    expect((await get(`/v1/requests/${id}`)).headers).toMatchObject({
      'ratelimit-policy': '"tokens_per_minute";q=600000;w=60;qu="tokens"',
      ratelimit: '"tokens_per_minute";r=50000;t=0',
    });
  });

  it('tells a tenant with limits what it may use, and what is left of its budget', async () => {
    world = createWorld({
      settings: {
        models: {
          haiku: { model_id: 'm', quota: { tokens_per_minute: 600 }, prices: { input: 1, output: 5 } },
        },
        tenants: {
          default: { requests_per_minute: 60, max_concurrent: 5, budget: { usd: 2, per: 'month' } },
        },
      },
    });
    const [id] = await acceptPrompts(world, ['x']);
    await world.spends.correct(
      { tenant: 'default', period: '2026-01' },
      { microdollars: 500_000, tokens: 9 },
    );
    const policies = [
      '"tenant_requests_per_minute";q=60;w=60',
      '"tenant_concurrent";q=5;qu="concurrent-requests"',
      '"tenant_budget";q=2000000;w=2678400;qu="microdollars"',
    ];
    expect((await get(`/v1/requests/${id}`)).headers).toMatchObject({
      'ratelimit-policy': policies.join(', '),
      ratelimit: '"tenant_budget";r=1500000;t=43200',
    });
    const around = failing(({ port }) => port === 'seenSpends');
    const { status, headers } = await get(`/v1/requests/${id}`, around);
    expect([status, headers['ratelimit-policy'], headers.ratelimit]).toEqual([
      200,
      policies.join(', '),
      undefined,
    ]);
  });

  it('tells the quota of each pool, whether anybody drains it or not', async () => {
    world = createWorld({
      settings: {
        models: {
          haiku: { model_id: 'model-haiku', quota: { tokens_per_minute: 600_000 } },
          nova: { model_id: 'model-nova', quota: { tokens_per_minute: 1_200, requests_per_minute: 60 } },
        },
      },
    });
    await report({ epoch: 1, in_flight: 2 });
    await world.clock.advance(2_000);
    const { status, body } = await get('/v1/quota');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      pools: [
        { pool: 'haiku', state: 'open', owner_epoch: 1, age_seconds: 2, as_of: '2026-01-31T12:00:00.000Z' },
        { pool: 'nova', state: 'idle', owner_epoch: null, age_seconds: null, as_of: null },
      ],
    });
    expect(quotaSchema.safeParse(body).success).toBe(true);
  });

  it('shows a pause to whoever has just ordered it, however old the views of requests may be', async () => {
    const changed = { ...NO_CONTROLS, version: 1, controls: [PAUSED_HAIKU] };
    await world.controls.write(changed, NO_CONTROLS);
    const deps = { ...acceptDepsOf(world), seenControls: async () => NO_CONTROLS };
    const response = await createReadApp(deps).request('/v1/quota');
    expect(await response.json()).toMatchObject({ pools: [{ pool: 'haiku', paused_by_operator: true }] });
  });

  it('is well, when asked deeply, while its stores answer', async () => {
    expect(await get('/health?deep=1')).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: { requests_table: 'ok', bucket: 'ok' } },
    });
  });

  it('names the stores that fail or take too long, and does not wait for them', async () => {
    const around: Around = async (effect, perform) => {
      if (effect.port === 'requests') throw new Error('no table');
      return effect.port === 'objects' ? new Promise(() => {}) : perform();
    };
    expect(await world.clock.run(get('/health?deep=1', around))).toMatchObject({
      status: 503,
      body: { code: 'store_not_well', detail: 'Not well: requests_table failed, bucket too slow.' },
    });
    expect(world.clock.monotonicMs()).toBe(2_000);
  });

  it('takes and gives a request id under the name that gateways use', async () => {
    const response = await createReadApp(acceptDepsOf(world)).request('/health', {
      headers: { 'x-request-id': 'edge-1' },
    });
    expect(response.headers.get('x-request-id')).toBe('edge-1');
    expect(response.headers.get('x-correlation-id')).toBe('edge-1');
  });

  describe('asked by a page', () => {
    const ask = (origins: readonly string[], origin: string, method = 'GET') => {
      world = createWorld({ settings: { cors_origins: origins } });
      return createReadApp(acceptDepsOf(world)).request('/health', {
        method,
        headers: { origin, ...(method === 'OPTIONS' ? { 'access-control-request-method': 'POST' } : {}) },
      });
    };

    it('lets none see the answer, unless the settings say so', async () => {
      const response = await ask([], 'https://app.example.com');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(
        (await ask(['https://b.example'], 'https://app.example.com')).headers.get(
          'access-control-allow-origin',
        ),
      ).toBeNull();
    });

    it('lets those of the settings see it, with the headers that matter', async () => {
      const { headers } = await ask(['https://app.example.com'], 'https://app.example.com');
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');
      expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
      expect((await ask(['*'], 'https://x.example')).headers.get('access-control-allow-origin')).toBe('*');
    });

    it('answers a preflight', async () => {
      const { status, headers } = await ask(
        ['https://app.example.com'],
        'https://app.example.com',
        'OPTIONS',
      );
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-methods')).toBe('GET,POST,OPTIONS');
      expect(headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
      expect(headers.get('access-control-max-age')).toBe('600');
    });
  });

  it('does not promise anything while the tenant is paused', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    await report({ paused_tenants: ['default'] });
    expect(await get(`/v1/requests/${id}`)).toMatchObject({
      headers: { 'retry-after': '60' },
      body: { waiting_for: 'pause', ahead: null, eta_seconds: null },
    });
  });

  it('shows a request though nothing can be told about its pool', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    const around = failing(({ port }) => port === 'reports');
    expect(await get(`/v1/requests/${id}`, around)).toMatchObject({
      status: 200,
      body: { status: 'queued', ahead: null, eta_seconds: 4 },
    });
    expect(world.telemetry.events).toContainEqual(expect.objectContaining({ event: 'report_not_read' }));
  });

  it('gives the result of a request that has ended', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    await drain(world);
    const answer = await get(`/v1/requests/${id}`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'succeeded', content: 'answer to x' } });
    expect(answer.headers).not.toHaveProperty('retry-after');
  });

  it('answers 410 for a result that is no longer kept', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    await drain(world);
    await world.clock.advance(31 * 86_400_000);
    expect(await get(`/v1/requests/${id}`)).toMatchObject({
      status: 410,
      headers: { 'content-type': 'application/problem+json' },
      body: { code: 'result_gone', request_id: id },
    });
  });

  it.each(['req_00000000000000000000000000', 'pool%23haiku', 'pool#haiku', 'x', 'req_1%2F..'])(
    'answers 404 for %s',
    async (id) => {
      await world.pools.acquire('haiku', 0, 1);
      expect(await get(`/v1/requests/${id}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    },
  );

  it('asks the store for nothing but request ids', async () => {
    const around = failing(() => true);
    expect((await get('/v1/requests/pool%23haiku', around)).status).toBe(404);
    expect((await get('/v1/requests/req_00000000000000000000000000', around)).status).toBe(500);
  });

  it('hides the requests of other tenants', async () => {
    const [acceptance] = await accept(world, [fromQueue('m-1', { prompt: 'x', tenant: 'alpha' })]);
    const id = acceptance?.kind === 'accepted' ? acceptance.item.requestId : '';
    expect((await get(`/v1/requests/${id}`)).status).toBe(404);
  });

  it('says that it is well, and describes itself', async () => {
    expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await get('/openapi.json')).toMatchObject({
      status: 200,
      body: { openapi: expect.stringMatching(/^3\.1/) },
    });
  });

  it('answers 405 to what is only read', async () => {
    expect(await get('/health', undefined, 'POST')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
      body: { code: 'method_not_allowed' },
    });
  });

  it('answers 500 without a stack trace when a store is broken', async () => {
    const answer = await get(
      '/v1/requests/req_00000000000000000000000000',
      failing(() => true),
    );
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/injected|\.ts|\bat /);
    expect(world.telemetry.troubles()).toEqual(['request_not_answered']);
  });
});
