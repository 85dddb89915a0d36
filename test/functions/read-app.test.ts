import { createReadApp } from '../../functions/query/read-app.ts';
import type { PoolReport } from '../../shared/contract/pool-report.ts';
import { failing } from '../fakes/interpose.ts';
import { poolReportOf } from '../fakes/pool-report.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain } from '../flows/drain/drains.ts';
import { accept, acceptPrompts, fromQueue } from '../flows/submissions.ts';

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
        body: { code: 'invalid_request', errors: [{ pointer: '/wait', code: 'invalid_value' }] },
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
      headers: { allow: 'GET' },
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
