import { type Cancellation, createCancelRequest } from '../../shared/flows/cancel-request.ts';
import { type Around, failing, firstCalls, nameOf } from '../fakes/interpose.ts';
import { serviceFault, throttle } from '../fakes/scripted-model.ts';
import { acceptDepsOf, createWorld, drainDepsOf, type World } from '../fakes/world.ts';
import {
  drain,
  expectAllAnswered,
  itemOf,
  notifications,
  startDrain,
  waitingInLanes,
} from './drain/drains.ts';
import { acceptPrompts, NORMAL_LANE } from './submissions.ts';

const cancel = (world: World, requestId = '', around?: Around, tenant = 'default'): Promise<Cancellation> =>
  world.clock.run(
    createCancelRequest({ ...acceptDepsOf(world), ...drainDepsOf(world, around) })({ requestId, tenant }),
  );

/** One call at a time, of ten seconds: whoever comes second waits. */
const slowWorld = () =>
  createWorld({ settings: { max_concurrent_executions: 1 }, model: { latencyMs: () => 10_000 } });

describe('canceling a request that waits', () => {
  it('ends it at once, tells it, and answers with its end', async () => {
    const world = createWorld();
    const [id] = await acceptPrompts(world, ['unwanted'], { custom_id: 'order-1' });
    expect(await cancel(world, id)).toMatchObject({
      kind: 'ended',
      result: { request_id: id, status: 'canceled', attempts: 0, content: null, error: { code: 'canceled' } },
    });
    expect(itemOf(world, id)).toMatchObject({ status: 'canceled', errorCode: 'canceled', attempts: 0 });
    expect(notifications(world)).toMatchObject([
      { request_id: id, custom_id: 'order-1', status: 'canceled' },
    ]);
    expect(world.ledger.entries()).toMatchObject([{ requests: 1, outcomes: { canceled: 1 } }]);
    expect(await world.tenants.readWaiting('haiku', 'default')).toBe(0);
  });

  it('does not cancel what its readers were told has expired', async () => {
    const world = createWorld();
    const [id] = await acceptPrompts(world, ['late'], { expires_in_seconds: 1 });
    await world.clock.run(world.clock.sleep(10_000));
    expect(await cancel(world, id)).toMatchObject({ kind: 'ended', result: { status: 'expired' } });
    expect(itemOf(world, id)).toMatchObject({ status: 'queued' });
    expect(notifications(world)).toEqual([]);
  });

  it('leaves its lane message to a drain, which calls no model and repeats the end with its metadata', async () => {
    const world = createWorld();
    const [id] = await acceptPrompts(world, ['unwanted'], { metadata: { team: 'a' } });
    await cancel(world, id);
    expect(waitingInLanes(world)).toBe(1);
    await drain(world);
    expect(world.model.calls).toEqual([]);
    expect(waitingInLanes(world)).toBe(0);
    expect(notifications(world).map(({ status, metadata }) => [status, metadata])).toEqual([
      ['canceled', {}],
      ['canceled', { team: 'a' }],
    ]);
  });

  it('ends one that a drain has staged, before its turn comes', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, ['first', 'second']);
    const outcome = startDrain(world);
    await world.clock.advance(3000);
    await cancel(world, ids[1]);
    await world.clock.run(outcome);
    expect(world.model.prompts()).toEqual(['first']);
    expect(ids.map((id) => itemOf(world, id).status)).toEqual(['succeeded', 'canceled']);
    expectAllAnswered(world, ids);
  });

  it('is the same when it is asked again, and when the first answer was lost', async () => {
    const world = createWorld();
    const [id] = await acceptPrompts(world, ['unwanted']);
    await cancel(world, id, failing(firstCalls('requests.cancel', 1), 'after'));
    expect(await cancel(world, id)).toMatchObject({ kind: 'ended', result: { status: 'canceled' } });
    expect(notifications(world)).toHaveLength(1);
  });

  it('heals a crash between any two of its effects: the lane message tells the end', async () => {
    const effects: string[] = [];
    const counted = createWorld();
    const [first] = await acceptPrompts(counted, ['unwanted']);
    await cancel(counted, first, (effect, perform) => {
      effects.push(nameOf(effect));
      return perform();
    });
    expect(effects.length).toBeGreaterThanOrEqual(6);
    for (let nth = 1; nth <= effects.length; nth += 1) {
      const world = createWorld();
      const ids = await acceptPrompts(world, ['unwanted']);
      let seen = 0;
      const dies: Around = (_, perform) => {
        seen += 1;
        return seen >= nth ? new Promise(() => {}) : perform();
      };
      void createCancelRequest({ ...acceptDepsOf(world), ...drainDepsOf(world, dies) })({
        requestId: ids[0] ?? '',
        tenant: 'default',
      });
      await world.clock.advance(1000);
      await drain(world);
      expectAllAnswered(world, ids);
      expect(['canceled', 'succeeded']).toContain(itemOf(world, ids[0]).status);
    }
  });
});

describe('canceling a request that runs', () => {
  it('gives up its call with the next heartbeat, and ends it', async () => {
    const world = createWorld({ model: { latencyMs: () => 60_000 } });
    const ids = await acceptPrompts(world, ['unwanted'], { max_tokens: 600 });
    const outcome = startDrain(world);
    await world.clock.advance(5000);
    expect(await cancel(world, ids[0])).toMatchObject({ kind: 'pending', request: { status: 'running' } });
    await world.clock.advance(4500);
    expect(itemOf(world, ids[0])).toMatchObject({
      status: 'canceled',
      attempts: 1,
      attemptLog: [{ outcome: 'canceled' }],
    });
    expect(world.model.calls[0]?.endedAtMs).toBeLessThan(9000);
    await world.clock.run(outcome);
    expectAllAnswered(world, ids);
    expect(notifications(world).map(({ status }) => status)).toEqual(['canceled']);
  });

  it('is no error of the model, and no call that was refused', async () => {
    const world = createWorld({ model: { latencyMs: () => 60_000 } });
    const ids = await acceptPrompts(world, ['unwanted'], { max_tokens: 600 });
    const outcome = startDrain(world);
    await world.clock.advance(5000);
    await cancel(world, ids[0]);
    await world.clock.run(outcome);
    const { telemetry } = world;
    expect([telemetry.total('ModelCalls'), telemetry.total('ModelErrors')]).toEqual([1, 0]);
    expect(telemetry.troubles()).toEqual([]);
    expect(telemetry.events).toContainEqual({
      level: 'info',
      event: 'call_canceled',
      fields: expect.objectContaining({ request_id: ids[0], pool: 'haiku' }),
    });
  });

  it('lets an answer that comes first stand', async () => {
    const world = createWorld({ model: { latencyMs: () => 5200 } });
    const ids = await acceptPrompts(world, ['almost']);
    const outcome = startDrain(world);
    await world.clock.advance(5000);
    await cancel(world, ids[0]);
    await world.clock.run(outcome);
    expect(itemOf(world, ids[0]).status).toBe('succeeded');
    expectAllAnswered(world, ids);
  });

  it('ends it between two attempts', async () => {
    const world = createWorld({ model: { script: () => serviceFault, latencyMs: () => 10 } });
    const ids = await acceptPrompts(world, ['shaky']);
    const outcome = startDrain(world);
    await world.clock.advance(200);
    await cancel(world, ids[0]);
    await world.clock.run(outcome);
    expect(itemOf(world, ids[0])).toMatchObject({ status: 'canceled' });
    expectAllAnswered(world, ids);
  });

  it('counts no attempt for a call that was throttled before it could be given up', async () => {
    const world = createWorld();
    const ids = await acceptPrompts(world, ['unwanted']);
    const outcome = startDrain(world, {
      around: async (effect, perform) => {
        if (nameOf(effect) !== 'model.call') return perform();
        await world.clock.sleep(10_000);
        return throttle;
      },
    });
    await world.clock.advance(5000);
    await cancel(world, ids[0]);
    await world.clock.run(outcome);
    expect(itemOf(world, ids[0])).toMatchObject({
      status: 'canceled',
      attempts: 0,
      attemptLog: [{ outcome: 'throttled' }],
    });
    expect(notifications(world)).toMatchObject([{ status: 'canceled', attempts: 0 }]);
  });

  it('is not forgotten when the drain that runs it dies', async () => {
    const world = createWorld({ model: { latencyMs: () => 30_000 } });
    const ids = await acceptPrompts(world, ['unwanted'], { max_tokens: 600 });
    let isDead = false;
    void startDrain(world, {
      around: (_, perform) => (isDead ? new Promise(() => {}) : perform()),
    });
    await world.clock.advance(5000);
    isDead = true;
    await cancel(world, ids[0]);
    await world.clock.advance(120_000);
    await world.pools.endAll('haiku');
    await drain(world);
    expect(itemOf(world, ids[0])).toMatchObject({ status: 'canceled' });
    expect(world.model.calls).toHaveLength(1);
    expectAllAnswered(world, ids);
  });

  it('leaves nothing to be stopped behind', async () => {
    const world = createWorld({ model: { latencyMs: () => 20_000 } });
    const ids = await acceptPrompts(world, ['unwanted', 'wanted'], { max_tokens: 600 });
    const outcome = startDrain(world);
    await world.clock.advance(5000);
    await cancel(world, ids[0]);
    await world.clock.run(outcome);
    const lease = await world.pools.acquire('haiku', world.clock.nowMs(), 1);
    expect(lease?.cancels).toEqual([]);
    expect(itemOf(world, ids[1]).status).toBe('succeeded');
  });

  it('is to be asked again when too many are being stopped already', async () => {
    const world = createWorld({ model: { latencyMs: () => 60_000 } });
    const [id] = await acceptPrompts(world, ['unwanted'], { max_tokens: 600 });
    void startDrain(world);
    await world.clock.advance(1000);
    for (let other = 0; other < 200; other += 1)
      await world.pools.askToCancel('haiku', `req_${other}`, world.clock.nowMs());
    expect(await cancel(world, id)).toEqual({ kind: 'busy' });
  });

  it('asks for it again with the next heartbeat when the store did not answer', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, ['running', 'waiting']);
    const outcome = startDrain(world, { around: failing(firstCalls('board.canceled', 1)) });
    await world.clock.advance(1000);
    await cancel(world, ids[0]);
    await world.clock.run(outcome);
    expect(itemOf(world, ids[0]).status).toBe('canceled');
    expectAllAnswered(world, ids);
    expect(world.telemetry.troubles()).toContain('requests_not_canceled');
  });
});

describe('canceling what can not be canceled', () => {
  it('answers with the end of a request that has ended', async () => {
    const world = createWorld();
    const [id] = await acceptPrompts(world, ['done']);
    await drain(world);
    expect(await cancel(world, id)).toMatchObject({ kind: 'ended', result: { status: 'succeeded' } });
    expect(notifications(world)).toHaveLength(1);
  });

  it('finds nothing of another tenant’s, nor of an unknown one', async () => {
    const world = createWorld();
    const [id] = await acceptPrompts(world, ['theirs']);
    expect(await cancel(world, id, undefined, 'somebody')).toEqual({ kind: 'not_found' });
    expect(await cancel(world, 'req_unknown')).toEqual({ kind: 'not_found' });
    expect(itemOf(world, id).status).toBe('queued');
    expect(world.queues.bodies(NORMAL_LANE)).toHaveLength(1);
  });
});
