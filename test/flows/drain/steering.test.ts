import { createOrderControl } from '../../../shared/flows/controls/order-control.ts';
import { createReadQuota } from '../../../shared/flows/read-quota.ts';
import { createReadRequest } from '../../../shared/flows/read-request.ts';
import { type Around, failing, nameOf } from '../../fakes/interpose.ts';
import { throttle } from '../../fakes/scripted-model.ts';
import { START_MS } from '../../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { accept, acceptPrompts, overHttp } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, startDrain } from './drains.ts';

const order = async (world: World, fields: Readonly<Record<string, unknown>>): Promise<void> => {
  const outcome = await createOrderControl(acceptDepsOf(world))({ reason: 'a test', ...fields }, 'ops');
  expect(outcome.kind).toBe('done');
};

const waitingFor = async (world: World, requestId: string, tenant = 'default') => {
  const reading = await createReadRequest(acceptDepsOf(world))({ requestId, tenant });
  return reading.kind === 'pending' ? reading.request.waiting_for : reading.kind;
};

const promptsOf = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);

const acceptOf = async (world: World, tenant: string, count: number): Promise<readonly string[]> => {
  const accepted = await accept(
    world,
    promptsOf(tenant, count).map((prompt) => overHttp({ prompt, max_tokens: 100 }, { provenTenant: tenant })),
  );
  return accepted.flatMap((each) => (each.kind === 'accepted' ? [each.item.requestId] : []));
};

const startsWith = (world: World, prefix: string): number =>
  world.model.prompts().filter((prompt) => prompt.startsWith(prefix)).length;

describe('a pool that is paused', () => {
  it('is not even taken: its requests stay queued and say why', async () => {
    const world = createWorld();
    const ids = await acceptPrompts(world, ['a', 'b']);
    await order(world, { pool: 'haiku', paused: true });

    expect(await drain(world)).toEqual({ kind: 'not_needed' });
    expect(world.model.calls).toEqual([]);
    expect(await waitingFor(world, ids[0] ?? '')).toBe('pause');

    await order(world, { pool: 'haiku', paused: false });
    expect(await waitingFor(world, ids[0] ?? '')).toBe('drain');
    await drain(world);
    expectAllAnswered(world, ids);
  });

  it('is let go of by a running drain within a heartbeat; calls under way are finished', async () => {
    const world = createWorld({ settings: { max_concurrent_executions: 2 } });
    const ids = await acceptPrompts(world, promptsOf('a', 40));
    const outcome = startDrain(world);
    await world.clock.advance(5_000);
    await order(world, { pool: 'haiku', paused: true });
    await world.clock.advance(3_500);
    const sent = world.model.calls.length;
    await world.clock.advance(60_000);

    expect(world.model.calls).toHaveLength(sent);
    expect(sent).toBeLessThan(40);
    expect(await outcome).toMatchObject({ reason: 'paused', finished: sent });
    expect(await world.pools.isHeld('haiku', world.clock.nowMs())).toBe(false);
    expect(ids.filter((id) => itemOf(world, id).status === 'queued')).toHaveLength(40 - sent);

    await order(world, { pool: 'haiku', paused: false });
    expect(world.queues.bodies('wake').map((body) => JSON.parse(body) as unknown)).toContainEqual({
      pool: 'haiku',
    });
    await drain(world);
    expectAllAnswered(world, ids);
  });
});

describe('a tenant that is paused', () => {
  it('waits apart while others go on, and keeps no drain awake', async () => {
    const world = createWorld({ settings: { max_concurrent_executions: 2 } });
    const paused = await acceptOf(world, 'loud', 30);
    const others = await acceptOf(world, 'calm', 30);
    const outcome = startDrain(world);
    await world.clock.advance(5_000);
    await order(world, { tenant: 'loud', paused: true });
    await world.clock.advance(3_500);
    const sent = startsWith(world, 'loud');
    await world.clock.advance(120_000);

    expect(startsWith(world, 'loud')).toBe(sent);
    expect(await outcome).toMatchObject({ kind: 'worked', reason: 'idle' });
    expect(others.map((id) => itemOf(world, id).status)).toEqual(others.map(() => 'succeeded'));
    const waiting = paused.filter((id) => itemOf(world, id).status === 'queued');
    expect(waiting).toHaveLength(30 - sent);
    expect(await waitingFor(world, waiting[0] ?? '', 'loud')).toBe('pause');

    await order(world, { tenant: 'loud', paused: false });
    // Laid aside for a quarter of the two minutes at most.
    await world.clock.advance(31_000);
    await drain(world);
    expect(paused.map((id) => itemOf(world, id).status)).toEqual(paused.map(() => 'succeeded'));
  });

  it('runs as soon as it is resumed while little of it waits, however long the pause was', async () => {
    const world = createWorld();
    await order(world, { tenant: 'loud', paused: true });
    const ids = await acceptOf(world, 'loud', 30);
    await drain(world);
    await world.clock.advance(1_800_000);
    await drain(world);
    await world.clock.advance(55_000);
    await order(world, { tenant: 'loud', paused: false });
    expect(await drain(world)).toMatchObject({ finished: 30 });
    expectAllAnswered(world, ids);
  });

  it('is looked at again by at most ten messages a second when much of it waits', async () => {
    const world = createWorld();
    const seconds = new Set<unknown>();
    const depths: unknown[] = [];
    const around: Around = (effect, perform) => {
      const isParked = JSON.stringify(effect.args).includes('parked-haiku');
      if (nameOf(effect) === 'queues.setVisibility' && isParked) seconds.add(effect.args[1]);
      if (nameOf(effect) === 'queues.depth' && isParked) depths.push(effect.args[1]);
      return perform();
    };
    await order(world, { tenant: 'loud', paused: true });
    await acceptOf(world, 'loud', 400);
    await drain(world);
    await world.clock.advance(3_600_000);
    await drain(world, { around });
    expect([...seconds]).toEqual([40]);
    // Once by who looks, and by the report now and then; not for each message.
    expect(depths.length).toBeLessThan(4);
  });

  it('is looked at again after a quarter of its pause when nobody can count what waits', async () => {
    const world = createWorld();
    const hidings: unknown[] = [];
    const around: Around = (effect, perform) => {
      if (nameOf(effect) === 'queues.depth') throw new Error('injected');
      if (nameOf(effect) === 'queues.setVisibility' && JSON.stringify(effect.args).includes('parked-haiku'))
        hidings.push(effect.args[1]);
      return perform();
    };
    await order(world, { tenant: 'loud', paused: true });
    await acceptOf(world, 'loud', 1);
    await drain(world);
    await world.clock.advance(400_000);
    await drain(world, { around });
    expect(hidings).toEqual([102]);
    expect(world.telemetry.troubles()).toContain('queues_not_counted');
  });

  it('is not called again after a refusal', async () => {
    const world = createWorld({
      model: {
        script: ({ prompt }, before) => (prompt.startsWith('loud') && before < 50 ? throttle : undefined),
      },
    });
    await acceptOf(world, 'loud', 1);
    const outcome = startDrain(world);
    await world.clock.advance(2_000);
    await order(world, { tenant: 'loud', paused: true });
    await world.clock.advance(3_500);
    const sent = world.model.calls.length;
    await world.clock.advance(60_000);
    await outcome;

    expect(world.model.calls).toHaveLength(sent);
    expect(sent).toBeGreaterThan(0);
  });

  it('has its deadlines go on: what expires is ended, and not called', async () => {
    const world = createWorld();
    await order(world, { tenant: 'default', paused: true });
    const [id = ''] = await acceptPrompts(world, ['late'], { expires_in_seconds: 60 });
    await drain(world);
    expect(itemOf(world, id).status).toBe('queued');

    await world.clock.advance(61_000);
    await drain(world);
    expect(itemOf(world, id).status).toBe('expired');
    expect(world.model.calls).toEqual([]);
  });
});

describe('a priority that is paused', () => {
  it('stays in its lanes, and the others go on', async () => {
    const world = createWorld();
    await order(world, { priority: 'low', paused: true });
    const low = await acceptPrompts(world, promptsOf('low', 3), { priority: 'low' });
    const high = await acceptPrompts(world, promptsOf('high', 3), { priority: 'high' });

    expect(await drain(world)).toEqual({ kind: 'worked', reason: 'idle', finished: 3 });
    expect(high.map((id) => itemOf(world, id).status)).toEqual(high.map(() => 'succeeded'));
    expect(world.queues.bodies('hold-haiku-low-express')).toHaveLength(3);
    expect(await waitingFor(world, low[0] ?? '')).toBe('pause');

    await order(world, { priority: 'low', paused: false });
    await drain(world);
    expect(low.map((id) => itemOf(world, id).status)).toEqual(low.map(() => 'succeeded'));
  });

  it('is left by a running drain within a heartbeat, and taken up again by it', async () => {
    const world = createWorld({ settings: { max_concurrent_executions: 1 } });
    const ids = await acceptPrompts(world, promptsOf('low', 30), { priority: 'low' });
    const keepsBusy = await acceptPrompts(world, promptsOf('high', 15), { priority: 'high' });
    void startDrain(world);
    await world.clock.advance(1_000);
    await order(world, { priority: 'low', paused: true });
    await world.clock.advance(3_500);
    const sent = startsWith(world, 'low');
    await world.clock.advance(4_000);
    expect(startsWith(world, 'low')).toBe(sent);

    await order(world, { priority: 'low', paused: false });
    await world.clock.advance(120_000);
    expectAllAnswered(world, [...ids, ...keepsBusy]);
  });
});

describe('a priority that was paused', () => {
  const pausedFor = async (world: World, pauseMs: number): Promise<void> => {
    await world.clock.advance(pauseMs);
    await order(world, { priority: 'low', paused: false });
    await world.clock.advance(8_000);
  };

  it('runs at once what a receive under way brought while it was paused', async () => {
    const world = createWorld({ model: { latencyMs: (prompt) => (prompt === 'long' ? 600_000 : 1000) } });
    await acceptPrompts(world, ['long'], { max_tokens: 6000 });
    void startDrain(world);
    await world.clock.advance(2_900);
    await order(world, { priority: 'low', paused: true });
    await world.clock.advance(700);
    const ids = await acceptPrompts(world, ['low-1', 'low-2'], { priority: 'low' });
    await world.clock.advance(5_000);
    expect(ids.map((id) => itemOf(world, id).status)).toEqual(['queued', 'queued']);
    expect(world.queues.bodies('parked-haiku')).toEqual([]);
    await pausedFor(world, 240_000);
    expect(ids.map((id) => itemOf(world, id).status)).toEqual(['succeeded', 'succeeded']);
  });

  it('runs at once what became due while it was paused', async () => {
    const world = createWorld({ model: { latencyMs: (prompt) => (prompt === 'long' ? 600_000 : 1000) } });
    await acceptPrompts(world, ['long'], { max_tokens: 6000 });
    void startDrain(world);
    await order(world, { priority: 'low', paused: true });
    const [id = ''] = await acceptPrompts(world, ['low-1'], {
      priority: 'low',
      not_before: new Date(START_MS + 20_000).toISOString(),
    });
    await world.clock.advance(40_000);
    expect(world.queues.bodies('parked-haiku')).toEqual([]);
    expect(itemOf(world, id).status).toBe('queued');
    await pausedFor(world, 240_000);
    expect(itemOf(world, id).status).toBe('succeeded');
  });
});

describe('a limit that an operator sets', () => {
  it('is gone by within a heartbeat, shown with its source, and given back', async () => {
    const world = createWorld({
      model: { latencyMs: () => 30_000 },
      settings: {
        models: { haiku: { model_id: 'm', quota: { tokens_per_minute: 1_000_000 }, headroom: 0.5 } },
      },
    });
    await acceptPrompts(world, promptsOf('a', 3));
    void startDrain(world);
    await world.clock.advance(5_000);
    await order(world, { pool: 'haiku', quota: { tokens_per_minute: 60_000 } });
    await world.clock.advance(6_500);

    const [pool] = await createReadQuota(acceptDepsOf(world))();
    expect(pool).toMatchObject({
      paused_by_operator: false,
      limits: { source: 'controls', granted: { tokens_per_minute: 60_000 } },
      dimensions: [{ name: 'tokens_per_minute', limit: 30_000 }],
    });

    await order(world, { pool: 'haiku', quota: null });
    await world.clock.advance(6_500);
    expect((await createReadQuota(acceptDepsOf(world))())[0]).toMatchObject({
      limits: { source: 'configured' },
      dimensions: [{ limit: 500_000 }],
    });
  });
});

describe('a share that an operator sets', () => {
  it('is gone by within a heartbeat', async () => {
    const world = createWorld({ settings: { max_concurrent_executions: 1, queue_depth_threshold: 200 } });
    await acceptOf(world, 'one', 80);
    await acceptOf(world, 'two', 80);
    void startDrain(world);
    await world.clock.advance(2_000);
    await order(world, { tenant: 'two', weight: 4 });
    await world.clock.advance(3_500);
    const before = { one: startsWith(world, 'one'), two: startsWith(world, 'two') };
    await world.clock.advance(41_000);
    const one = startsWith(world, 'one') - before.one;
    const two = startsWith(world, 'two') - before.two;

    expect(one + two).toBeGreaterThan(30);
    expect(two / one).toBeGreaterThan(3);
    expect(two / one).toBeLessThan(5);
  });
});

describe('controls that cannot be read', () => {
  const unreadable = failing(({ port }) => port === 'controls');

  it('let no drain begin: what is paused must not run by mistake', async () => {
    const world = createWorld();
    const [id = ''] = await acceptPrompts(world, ['a']);

    await expect(drain(world, { around: unreadable })).rejects.toThrow('injected into controls.read');
    expect(itemOf(world, id).status).toBe('queued');
    expect(await world.pools.isHeld('haiku', world.clock.nowMs())).toBe(false);
  });

  it('stay as they were under a drain that has begun', async () => {
    const world = createWorld();
    let reads = 0;
    const ids = await acceptPrompts(world, ['a']);
    const around = failing(({ port }) => port === 'controls' && ++reads > 1);

    await drain(world, { around });
    expectAllAnswered(world, ids);
    expect(world.telemetry.troubles()).toContain('controls_not_read');
  });
});
