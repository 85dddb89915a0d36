import { createDrainPool } from '../../../shared/flows/drain/drain-pool.ts';
import { faultOf } from '../../fakes/scripted-model.ts';
import { createWorld, drainDepsOf, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { itemOf } from './drains.ts';

const LIFE_MS = 900_000;
const QUOTA = { tokens_per_minute: 10_000_000 };

const startPool = (world: World, pool: string, deps = drainDepsOf(world)) => {
  const startedAtMs = world.clock.monotonicMs();
  const remainingMs = (): number => startedAtMs + LIFE_MS - world.clock.monotonicMs();
  return createDrainPool(deps)({ pool, remainingMs });
};

const promptsOf = (pool: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${pool}-${index}`);

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];

const manyPools = (model: Parameters<typeof createWorld>[0] = {}) =>
  createWorld({
    ...model,
    settings: {
      models: Object.fromEntries(NAMES.map((name) => [name, { model_id: `model-${name}`, quota: QUOTA }])),
    },
  });

describe('many pools side by side', () => {
  it('each answers its own requests with its own model', async () => {
    const world = manyPools();
    const ids = await Promise.all(
      NAMES.map((model) => acceptPrompts(world, promptsOf(model, 20), { model })),
    );
    await world.clock.run(Promise.all(NAMES.map((name) => startPool(world, name))));
    expect(ids.flat().every((id) => itemOf(world, id).status === 'succeeded')).toBe(true);
    const wrong = world.model.calls.filter(
      ({ prompt, modelId }) => modelId !== `model-${prompt.split('-')[0]}`,
    );
    expect(wrong).toEqual([]);
    expect(world.model.calls).toHaveLength(80);
  });

  it('none waits for one whose model does not answer, or may not be called', async () => {
    const world = manyPools({
      model: {
        script: ({ modelId }) =>
          modelId === 'model-beta' ? faultOf('AccessDeniedException', 403, 'no access') : undefined,
        latencyMs: (prompt) => (prompt.startsWith('alpha') ? 3_600_000 : 1000),
      },
    });
    const ids = await Promise.all(
      NAMES.map((model) => acceptPrompts(world, promptsOf(model, 20), { model })),
    );
    for (const name of NAMES) void startPool(world, name);
    await world.clock.advance(30_000);
    const statuses = ids.map((ofPool) => [...new Set(ofPool.map((id) => itemOf(world, id).status))]);
    expect(statuses).toEqual([['running'], ['failed'], ['succeeded'], ['succeeded']]);
  });

  it('none waits for one whose lease, lanes or stores fail', async () => {
    const world = manyPools();
    const ids = await Promise.all(NAMES.map((model) => acceptPrompts(world, promptsOf(model, 5), { model })));
    const deps = drainDepsOf(world, (effect, perform) => {
      if (JSON.stringify(effect.args).includes('alpha')) throw new Error('alpha is broken');
      return perform();
    });
    const outcomes = await world.clock.run(
      Promise.all(NAMES.map((name) => startPool(world, name, deps).catch(() => 'failed'))),
    );
    expect(outcomes).toEqual([
      'failed',
      { kind: 'worked', reason: 'idle', finished: 5 },
      { kind: 'worked', reason: 'idle', finished: 5 },
      { kind: 'worked', reason: 'idle', finished: 5 },
    ]);
    expect(ids[0]?.map((id) => itemOf(world, id).status)).toEqual(Array.from({ length: 5 }, () => 'queued'));
  });

  it('a pool whose settings no governor can be made of fails alone', async () => {
    const world = manyPools();
    await acceptPrompts(world, promptsOf('beta', 5), { model: 'beta' });
    const { alpha, ...others } = world.settings.models;
    // Past every check of the settings: a quota that is none.
    const poisoned = { ...alpha, quota: null } as unknown as NonNullable<typeof alpha>;
    const settings = { ...world.settings, models: { alpha: poisoned, ...others } };
    const deps = { ...drainDepsOf(world), settings };
    await expect(world.clock.run(startPool(world, 'alpha', deps))).rejects.toThrow();
    expect(await world.clock.run(startPool(world, 'beta', deps))).toMatchObject({ finished: 5 });
    // Its lease runs out by itself.
    await world.clock.advance(11_000);
    expect(await world.pools.isHeld('alpha', world.clock.nowMs())).toBe(false);
  });

  it.each(['unknown', 'constructor', '__proto__'])(
    'a wake for a pool called %s does nothing',
    async (name) => {
      const world = manyPools();
      expect(await startPool(world, name)).toEqual({ kind: 'not_needed' });
      expect(world.telemetry.troubles()).toEqual(['unknown_pool']);
    },
  );
});
