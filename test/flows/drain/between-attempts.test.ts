import { type Around, nameOf } from '../../fakes/interpose.ts';
import { faultOf, serviceFault, throttle } from '../../fakes/scripted-model.ts';
import { createRandom } from '../../fakes/sequences.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, startDrain, startProcess } from './drains.ts';

// Many drains in virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

const prompts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `p${index}`);

const daily = faultOf('ThrottlingException', 429, 'Too many tokens per day');

const makeSuspect = (world: World, id: string): void =>
  world.requests.put({ ...itemOf(world, id), claims: 2, crashes: 2 });

const failedOf = (world: World): readonly string[] =>
  world.requests.all().flatMap(({ status, errorCode }) => (status === 'failed' ? [String(errorCode)] : []));

/** Drains that are killed and followed by another, until so much time has passed. */
const killThrough = async (world: World, untilMs: number, livesMs: () => number): Promise<void> => {
  while (world.clock.monotonicMs() < untilMs) {
    await world.pools.endAll('haiku');
    const process = startProcess(world);
    await world.clock.advance(livesMs());
    process.kill();
  }
};

const finish = async (world: World): Promise<void> => {
  for (let tick = 0; tick < 8; tick += 1) {
    await world.pools.endAll('haiku');
    await drain(world);
    await world.clock.advance(60_000);
  }
};

describe('between two attempts', () => {
  it('one that waits until tomorrow is queued in the store, at no attempt', async () => {
    const world = createWorld({ model: { script: () => daily } });
    const [id = ''] = await acceptPrompts(world, ['tomorrow']);
    void startDrain(world);
    await world.clock.advance(4_000);
    expect(itemOf(world, id)).toMatchObject({
      status: 'queued',
      attempts: 0,
      attemptLog: [{ outcome: 'throttled_for_today' }],
    });
  });

  it('one that has come to wait for five seconds is queued in the store', async () => {
    const world = createWorld({
      model: { script: ({ prompt }) => (prompt === 'p0' ? serviceFault : undefined), latencyMs: () => 100 },
    });
    const [id = ''] = await acceptPrompts(world, ['p0']);
    const putBack: unknown[] = [];
    const around: Around = (effect, perform) => {
      if (nameOf(effect) === 'requests.putBack') putBack.push(effect.args[2]);
      return perform();
    };
    await drain(world, { around });
    // Eight faults with up to twenty seconds in between: the long ones are told, the short ones are not.
    expect(itemOf(world, id)).toMatchObject({ status: 'failed', attempts: 8, serviceFaults: 7 });
    expect(putBack.length).toBeGreaterThan(0);
    expect(putBack.length).toBeLessThan(7);
  });

  it('nothing more is written of one that goes on at once', async () => {
    const world = createWorld({
      model: { script: (_, before) => (before === 0 ? serviceFault : undefined) },
    });
    const [id = ''] = await acceptPrompts(world, ['p0']);
    const names: string[] = [];
    await drain(world, {
      around: (effect, perform) => {
        if (effect.port === 'requests') names.push(effect.method);
        return perform();
      },
    });
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(names).toEqual(['claim', 'claim', 'finish']);
  });

  it('a suspect is queued at once, and not told as in flight', async () => {
    const world = createWorld({ model: { script: () => throttle, latencyMs: () => 100 } });
    const [id = ''] = await acceptPrompts(world, ['suspect']);
    makeSuspect(world, id);
    const told: unknown[] = [];
    void startDrain(world, {
      around: (effect, perform) => {
        if (nameOf(effect) === 'board.suspect') told.push(effect.args[2]);
        if (nameOf(effect) === 'requests.putBack') told.push('queued');
        if (nameOf(effect) === 'model.call') told.push('called');
        return perform();
      },
    });
    await world.clock.advance(61_000);
    expect(told.slice(0, 4)).toEqual([id, 'called', 'queued', undefined]);
    expect(world.model.calls.length).toBeGreaterThan(0);
  });

  it('a suspect that waits when its drain dies is not blamed', async () => {
    const isOver = (world: World) => world.clock.monotonicMs() > 460_000;
    const world: World = createWorld({
      model: { script: () => (isOver(world) ? undefined : throttle), latencyMs: () => 100 },
    });
    const [id = ''] = await acceptPrompts(world, ['innocent']);
    makeSuspect(world, id);
    // Each drain lives long enough to try it.
    await killThrough(world, 400_000, () => 90_000);
    expect(world.model.calls.length).toBeGreaterThan(3);
    expect(itemOf(world, id)).toMatchObject({ status: 'queued', suspectCrashes: 0 });
    await finish(world);
    expectAllAnswered(world, [id]);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  it.each([1, 2, 3])(
    'kills in a storm of throttles and faults condemn nobody, with seed %d',
    async (seed) => {
      const random = createRandom(seed);
      const faults = [throttle, throttle, throttle, serviceFault];
      const world: World = createWorld({
        model: {
          script: () =>
            world.clock.monotonicMs() > 900_000 || random() < 0.02
              ? undefined
              : faults[Math.floor(random() * faults.length)],
          latencyMs: () => 100,
        },
      });
      const ids = await acceptPrompts(world, prompts(20));
      await killThrough(world, 900_000, () => 30_000 + Math.round(random() * 60_000));
      await finish(world);
      expect(failedOf(world).filter((code) => code === 'crashed_drain')).toEqual([]);
      expectAllAnswered(world, ids);
    },
  );
});
