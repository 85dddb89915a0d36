import { type Around, nameOf } from '../../fakes/interpose.ts';
import { START_MS } from '../../fakes/virtual-clock.ts';
import { createWorld } from '../../fakes/world.ts';
import { acceptPrompts, NORMAL_LANE } from '../submissions.ts';
import { acceptInto, drain, expectAllAnswered, startDrain } from './drains.ts';

const PARKED = 'parked-haiku';
const MINUTE_MS = 60_000;

const inMinutes = (minutes: number) => ({ not_before_ms: START_MS + minutes * MINUTE_MS });

const hidings = (seconds: number[]): Around => {
  return (effect, perform) => {
    if (nameOf(effect) === 'queues.setVisibility' && JSON.stringify(effect.args[0]).includes(PARKED))
      seconds.push(Number(effect.args[1]));
    return perform();
  };
};

describe('work that may not run yet', () => {
  it('leaves its lane for the parked queue, and the drain does not wait for it', async () => {
    const world = createWorld();
    await acceptInto(world, NORMAL_LANE, ['tonight'], inMinutes(300));
    expect(await drain(world)).toEqual({ kind: 'worked', reason: 'idle', finished: 0 });
    expect(world.clock.monotonicMs()).toBeLessThan(10_000);
    expect(world.queues.bodies(NORMAL_LANE)).toEqual([]);
    expect(world.queues.bodies(PARKED)).toHaveLength(1);
    expect(world.model.calls).toEqual([]);
  });

  it('is hidden until its time, but for no longer than a quarter of an hour', async () => {
    const world = createWorld();
    const seconds: number[] = [];
    await acceptInto(world, PARKED, ['soon', 'late'], inMinutes(1));
    await acceptInto(world, PARKED, ['later'], inMinutes(300));
    await drain(world, { around: hidings(seconds) });
    expect(seconds.toSorted((a, b) => a - b)).toEqual([60, 60, 900]);
  });

  it('runs when its time has come, at the next tick', async () => {
    const world = createWorld();
    const ids = await acceptInto(world, NORMAL_LANE, ['soon'], inMinutes(1));
    await drain(world);
    await world.clock.advance(MINUTE_MS);
    await drain(world);
    expectAllAnswered(world, ids);
    expect(world.queues.bodies(PARKED)).toEqual([]);
    expect(world.model.calls[0]?.startedAtMs).toBeGreaterThanOrEqual(MINUTE_MS);
  });

  it('runs at its time while the drain has other work', async () => {
    const world = createWorld({ model: { latencyMs: (prompt) => (prompt === 'long' ? 50_000 : 1000) } });
    await acceptPrompts(world, ['long'], { max_tokens: 600 });
    await acceptInto(world, PARKED, ['soon'], { not_before_ms: START_MS + 30_000 });
    void startDrain(world);
    await world.clock.advance(33_000);
    const [, soon] = world.model.calls;
    expect(soon?.startedAtMs).toBeGreaterThanOrEqual(30_000);
    expect(soon?.startedAtMs).toBeLessThan(31_000);
  });

  it('is waited for when it is due within a few seconds', async () => {
    const world = createWorld();
    const ids = await acceptInto(world, PARKED, ['soon'], { not_before_ms: START_MS + 6000 });
    expect(await drain(world)).toEqual({ kind: 'worked', reason: 'idle', finished: 1 });
    expectAllAnswered(world, ids);
  });

  it('takes no place of what can run', async () => {
    const world = createWorld({ settings: { queue_depth_threshold: 10 } });
    const parked = Array.from({ length: 60 }, (_, index) => `later${index}`);
    await acceptInto(world, PARKED, parked, inMinutes(300));
    const ids = await acceptPrompts(world, ['now']);
    await drain(world);
    expectAllAnswered(world, ids);
    expect(world.queues.hidden(PARKED)).toBe(60);
  });

  it('stays in its lane when the parked queue does not take it', async () => {
    const world = createWorld();
    world.queues.refuse(PARKED, () => true);
    await acceptInto(world, NORMAL_LANE, ['tonight'], inMinutes(300));
    void startDrain(world);
    await world.clock.advance(10_000);
    expect(world.queues.bodies(NORMAL_LANE)).toHaveLength(1);
  });
});
