import { failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { settled } from '../../fakes/virtual-clock.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, fromQueue, heldIn, NORMAL_LANE, overHttp } from '../submissions.ts';

const keyed = overHttp({ prompt: 'hello' }, { idempotencyKey: 'k-1' });

describe('accept-requests, when writes fail', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  it('accepts after both writes, state first, lane second, wake last', async () => {
    const names: string[] = [];
    await accept(world, [keyed], recordInto(names));
    expect(names).toEqual([
      'tenants.addWaiting',
      'requests.create',
      'queues.send',
      'pools.isHeld',
      'queues.send',
    ]);
    expect(world.queues.bodies('wake')).toEqual(['{"pool":"haiku"}']);
  });

  it('sends nothing when the state could not be written', async () => {
    const around = failing((effect) => nameOf(effect) === 'requests.create');
    expect(await accept(world, [keyed], around)).toMatchObject([
      { kind: 'unavailable', problem: { code: 'temporarily_unavailable', status: 503, retryable: true } },
    ]);
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([]);
    expect(world.queues.bodies('wake')).toEqual([]);
  });

  it('does not accept what its lane did not take; asking again heals it', async () => {
    world.queues.refuse(NORMAL_LANE, () => true);
    expect(await accept(world, [keyed])).toMatchObject([{ kind: 'unavailable' }]);
    expect(world.requests.all()).toHaveLength(1);
    world.queues.refuse(NORMAL_LANE, () => false);
    expect(await accept(world, [keyed])).toMatchObject([{ kind: 'accepted', replayed: true }]);
    expect(heldIn(world, NORMAL_LANE)).toHaveLength(1);
  });

  it('tells apart what the lane took and what it did not', async () => {
    world.queues.refuse(NORMAL_LANE, (body) => body.includes('unlucky'));
    const acceptances = await accept(world, [
      fromQueue('m-1', { prompt: 'lucky' }),
      fromQueue('m-2', { prompt: 'unlucky' }),
      fromQueue('m-3', { prompt: 'fine' }),
    ]);
    expect(acceptances.map(({ kind }) => kind)).toEqual(['accepted', 'unavailable', 'accepted']);
  });

  it('does not accept a request that could not be parked', async () => {
    const prompt = Array.from({ length: 90_000 }, (_, index) =>
      ((index * 7919) % 99_991).toString(36),
    ).join();
    const around = failing((effect) => nameOf(effect) === 'objects.put');
    expect(await accept(world, [overHttp({ prompt })], around)).toMatchObject([{ kind: 'unavailable' }]);
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([]);
  });

  it('does not accept when the state was written and the answer to it was lost; asking again heals it', async () => {
    const around = failing(firstCalls('requests.create', 1), 'after');
    expect(await accept(world, [keyed], around)).toMatchObject([{ kind: 'unavailable' }]);
    expect(await accept(world, [keyed])).toMatchObject([{ kind: 'accepted', replayed: true }]);
    expect(world.requests.all()).toHaveLength(1);
    expect(heldIn(world, NORMAL_LANE)).toHaveLength(1);
  });

  it.each([
    ['before', 'requests.create', 0, 0],
    ['after', 'requests.create', 1, 0],
    ['before', 'queues.send', 1, 0],
    ['after', 'queues.send', 1, 1],
  ])('heals a crash %s %s when it is asked again', async (moment, name, items, messages) => {
    const process = createSimulatedProcess(world.clock);
    const around: typeof process.around = async (effect, perform) => {
      if (nameOf(effect) !== name) return process.around(effect, perform);
      if (moment === 'before') process.kill();
      return process.around(effect, async () => {
        const done = await perform();
        process.kill();
        return done;
      });
    };
    void accept(world, [keyed], around);
    await settled();
    expect([world.requests.all().length, world.queues.bodies(NORMAL_LANE).length]).toEqual([items, messages]);

    expect(await accept(world, [keyed])).toMatchObject([{ kind: 'accepted', replayed: items === 1 }]);
    expect(world.requests.all()).toHaveLength(1);
    expect(heldIn(world, NORMAL_LANE).length).toBeGreaterThan(0);
  });

  it('wakes nobody while somebody holds the lease', async () => {
    await world.pools.acquire('haiku', world.clock.nowMs(), 10_000);
    await accept(world, [keyed]);
    expect(world.queues.bodies('wake')).toEqual([]);
  });

  it('wakes a pool once for a whole batch, and each pool that got something', async () => {
    const two = createWorld({
      settings: {
        models: {
          haiku: { model_id: 'h', quota: { tokens_per_minute: 1000 } },
          opus: { model_id: 'o', quota: { tokens_per_minute: 1000 } },
          unused: { model_id: 'u', quota: { tokens_per_minute: 1000 } },
        },
      },
    });
    await accept(
      two,
      ['haiku', 'opus', 'haiku'].map((model, index) => fromQueue(`m-${index}`, { prompt: 'x', model })),
    );
    expect(two.queues.bodies('wake').toSorted()).toEqual(['{"pool":"haiku"}', '{"pool":"opus"}']);
  });

  it('keeps what is durable accepted though the wake failed', async () => {
    world.queues.refuse('wake', () => true);
    expect(await accept(world, [keyed])).toMatchObject([{ kind: 'accepted' }]);
    const around = failing((effect) => nameOf(effect) === 'pools.isHeld');
    expect(await accept(world, [fromQueue('m-1', { prompt: 'x' })], around)).toMatchObject([
      { kind: 'accepted' },
    ]);
    expect(world.telemetry.troubles()).toEqual(['wake_not_sent', 'wake_not_sent']);
  });
});
