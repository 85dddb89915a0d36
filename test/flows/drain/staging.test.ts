import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts, NORMAL_LANE } from '../submissions.ts';
import { acceptInto, drain, expectAllAnswered, startDrain } from './drains.ts';

const ALL_LANES = ['high', 'normal', 'low'].flatMap((priority) =>
  ['express', 'bulk-0', 'bulk-1'].map((band) => `hold-haiku-${priority}-${band}`),
);
const BULK_LANE = 'hold-haiku-normal-bulk-0';

const prompts = (count: number, prefix = 'p'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Ten places, and one call at a time that takes so long that everything else waits. */
const tightWorld = () =>
  createWorld({
    settings: { queue_depth_threshold: 10, max_concurrent_executions: 1 },
    model: { latencyMs: () => 20_000 },
  });

const hiddenIn = (world: World, lanes: readonly string[]): number =>
  lanes.reduce((total, lane) => total + world.queues.hidden(lane), 0);

describe('staging from nine lanes', () => {
  it('never holds more waiting requests than it may, whatever waits where', async () => {
    const world = tightWorld();
    for (const priority of ['high', 'normal', 'low'] as const)
      for (const band of ['express', 'bulk-0', 'bulk-1'])
        await acceptInto(world, `hold-haiku-${priority}-${band}`, prompts(15, `${priority}-${band}-`), {
          priority,
        });
    void startDrain(world);
    const most: number[] = [];
    for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 500) {
      await world.clock.advance(500);
      most.push(hiddenIn(world, ALL_LANES));
    }
    // Ten that wait, one that is called, and those whose answers are being written down.
    expect(Math.max(...most)).toBeLessThanOrEqual(12);
    expect(Math.max(...most)).toBeGreaterThanOrEqual(10);
  });

  it('keeps places free for small jobs while somebody’s load fills the others', async () => {
    const world = tightWorld();
    await acceptInto(world, BULK_LANE, prompts(30, 'load'));
    void startDrain(world);
    await world.clock.advance(5000);
    // Normal has five of ten places, bulk three quarters of them.
    expect(world.queues.hidden(BULK_LANE)).toBeLessThanOrEqual(4);
    await acceptPrompts(world, ['small']);
    await world.clock.advance(1000);
    expect(world.queues.hidden(NORMAL_LANE)).toBe(1);
  });

  it('lets a load go on while small jobs keep coming', async () => {
    const world = createWorld({ settings: { queue_depth_threshold: 10, max_concurrent_executions: 2 } });
    await acceptInto(world, BULK_LANE, prompts(5, 'load'));
    await acceptInto(world, NORMAL_LANE, prompts(200, 'small'));
    void startDrain(world);
    await world.clock.advance(60_000);
    expect(world.model.prompts().filter((prompt) => prompt.startsWith('load'))).toHaveLength(5);
  });

  it('answers what lies in any lane', async () => {
    const world = createWorld();
    const ids = [];
    for (const priority of ['high', 'normal', 'low'] as const)
      for (const band of ['express', 'bulk-0', 'bulk-1'])
        ids.push(
          ...(await acceptInto(world, `hold-haiku-${priority}-${band}`, [`${priority} ${band}`], {
            priority,
          })),
        );
    await drain(world);
    expectAllAnswered(world, ids);
    expect(ALL_LANES.flatMap((lane) => world.queues.bodies(lane))).toEqual([]);
  });

  it('looks seldom into the empty lanes of overflow that is not urgent while it is busy', async () => {
    const world = createWorld({ model: { latencyMs: () => 55_000 } });
    await acceptPrompts(world, ['long'], { max_tokens: 600 });
    const receives = new Map<string, number>();
    const around: Around = (effect, perform) => {
      const queue = String(effect.args[0]);
      if (nameOf(effect) === 'queues.receive') receives.set(queue, (receives.get(queue) ?? 0) + 1);
      return perform();
    };
    void startDrain(world, { around });
    await world.clock.advance(50_000);
    const of = (band: RegExp) =>
      [...receives].filter(([queue]) => band.test(queue)).map(([, count]) => count);
    expect(Math.max(...of(/(normal|low)-bulk/))).toBeLessThanOrEqual(8);
    expect(Math.max(...of(/high-bulk/))).toBeLessThanOrEqual(27);
    expect(Math.max(...of(/parked/))).toBeLessThanOrEqual(6);
    expect(Math.max(...of(/express/))).toBeLessThanOrEqual(27);
    expect(of(/./)).toHaveLength(10);
  });

  it('finds overflow that comes while it is busy within ten seconds', async () => {
    const world = createWorld({ model: { latencyMs: (prompt) => (prompt === 'long' ? 60_000 : 1000) } });
    await acceptPrompts(world, ['long'], { max_tokens: 600 });
    void startDrain(world);
    await world.clock.advance(30_500);
    await acceptInto(world, BULK_LANE, ['overflow']);
    await world.clock.advance(10_000);
    expect(world.model.prompts()).toEqual(['long', 'overflow']);
  });

  it('holds no more than 64 MB, of normal work no more than three quarters of that', async () => {
    const world = createWorld({
      settings: { max_concurrent_executions: 1 },
      model: { latencyMs: () => 20_000 },
    });
    const large = 'x'.repeat(6_000_000);
    await acceptPrompts(world, prompts(12, large));
    void startDrain(world);
    await world.clock.advance(15_000);
    // Nine of six million bytes are more than 48 MiB; the ninth was taken while there was room.
    expect(world.queues.hidden(NORMAL_LANE)).toBe(9);
  });
});
