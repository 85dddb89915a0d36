import { createReadRequest } from '../../../shared/flows/read-request.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, startDrain, startProcess } from './drains.ts';

describe('the report of a drain', () => {
  let world: World;

  const worldOf = (settings: Readonly<Record<string, unknown>>, latencyMs: number): World =>
    createWorld({ settings, model: { latencyMs: () => latencyMs } });

  const numbered = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `p-${index}`);

  it('tells with its first heartbeat what waits in its hands and how long the first of them has waited', async () => {
    world = worldOf({ max_concurrent_executions: 1 }, 60_000);
    const acceptedAtMs = world.clock.nowMs();
    await acceptPrompts(world, ['a', 'b', 'c'], { priority: 'high' });
    await world.clock.advance(7_000);
    await acceptPrompts(world, ['d'], { priority: 'low' });
    const running = startDrain(world);
    await world.clock.advance(4_000);

    expect(await world.pools.readReport('haiku')).toMatchObject({
      epoch: 1,
      at_ms: acceptedAtMs + 10_010,
      staged: { high: 2, normal: 0, low: 1 },
      in_flight: 1,
      oldest_ms: { high: acceptedAtMs, low: acceptedAtMs + 7_000 },
      concurrency: { most: 1, in_flight: 1 },
    });
    await world.clock.run(running);
  });

  it('lets those who wait know whether anybody drains their pool', async () => {
    world = worldOf({ max_concurrent_executions: 1 }, 600_000);
    const [, id = ''] = await acceptPrompts(world, ['a', 'b']);
    const waitingFor = async () => {
      const reading = await createReadRequest(acceptDepsOf(world))({ requestId: id, tenant: 'default' });
      return reading.kind === 'pending' ? reading.request.waiting_for : reading.kind;
    };
    expect(await waitingFor()).toBe('drain');
    const process = startProcess(world);
    await world.clock.advance(4_000);
    expect(await waitingFor()).toBe('concurrency');
    process.kill();
    await world.clock.advance(31_000);
    expect(await waitingFor()).toBe('drain');
  });

  it('counts what waits in the lanes, beyond what it could take', async () => {
    world = worldOf({ max_concurrent_executions: 1, queue_depth_threshold: 10 }, 600_000);
    await acceptPrompts(world, numbered(40));
    void startDrain(world);
    await world.clock.advance(14_000);

    const report = await world.pools.readReport('haiku');
    expect((report?.staged.normal ?? 0) + (report?.lanes.normal ?? 0)).toBe(39);
    expect(report?.lanes.normal).toBeGreaterThan(0);
    expect(report?.lanes.high).toBe(0);
  });

  it('says how many ended in the last minute, and forgets what ended before', async () => {
    world = worldOf({ max_concurrent_executions: 2 }, 20_000);
    await acceptPrompts(world, numbered(8));
    void startDrain(world);
    await world.clock.advance(46_000);
    expect((await world.pools.readReport('haiku'))?.ended).toEqual({ high: 0, normal: 4, low: 0 });

    await acceptPrompts(world, ['late']);
    await world.clock.advance(50_000);
    const report = await world.pools.readReport('haiku');
    expect(report?.ended.normal).toBeLessThan(8);
    expect(report?.ended_over_ms).toBe(60_000);
  });

  it('logs once that max_tokens is far above what answers need', async () => {
    const slowStarts = async (maxTokens: number): Promise<number> => {
      world = worldOf({}, 20_000);
      await acceptPrompts(world, numbered(60), { max_tokens: maxTokens });
      await drain(world);
      return world.telemetry.events.filter(({ event }) => event === 'slow_start').length;
    };
    expect([await slowStarts(20_000), await slowStarts(50)]).toEqual([1, 0]);
  });

  it('does not keep a drain from its work when the queues cannot be counted', async () => {
    world = createWorld({ model: { latencyMs: () => 20_000 } });
    const [id] = await acceptPrompts(world, ['x']);
    await drain(world, {
      around: (effect, perform) => {
        if (effect.method === 'depth') throw new Error('no count');
        return perform();
      },
    });
    expect(world.requests.all().find((item) => item.requestId === id)?.status).toBe('succeeded');
  });
});
