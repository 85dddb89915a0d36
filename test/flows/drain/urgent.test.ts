import type { World } from '../../fakes/world.ts';
import { createWorld } from '../../fakes/world.ts';
import { accept, acceptPrompts, HIGH_LANE, heldIn, overHttp } from '../submissions.ts';
import { startDrain } from './drains.ts';

/** Of the tenant `default`. */
const HIGH_BULK = 'hold-haiku-high-bulk-1';
const LOW_BULK = 'hold-haiku-low-bulk-1';
/** By then the stored quota has been spent, but for what is kept from low work. */
const WARM_MS = 70_000;
const HIGHS = Array.from({ length: 24 }, (_, index) => `high-${index}`);
/** At first close together, at last so far apart that a lane may have been empty for long. */
const gapAfterMs = (index: number): number => 700 + 411 * index;

/** 500 tokens a second, of which an answer takes 110. */
const busyWorld = () =>
  createWorld({
    settings: {
      minutes_to_process: 1,
      models: { haiku: { model_id: 'model-haiku', quota: { tokens_per_minute: 30_000 } } },
      max_concurrent_executions: 100,
    },
  });

const acceptBacklog = (world: World, count: number) =>
  acceptPrompts(
    world,
    Array.from({ length: count }, (_, index) => `low-${index}`),
    { priority: 'low' },
  );

const acceptHigh = (world: World, prompt: string, provenTenant: string) =>
  accept(world, [overHttp({ prompt, max_tokens: 100, priority: 'high' }, { provenTenant })]);

interface Wait {
  readonly waitMs: number;
  /** Low calls that began meanwhile. */
  readonly passedBy: number;
}

/** High requests, one after the other, while the low ones wait for quota. */
const waitsOfHighs = async (world: World, tenant: string, gapMs = gapAfterMs): Promise<readonly Wait[]> => {
  const acceptedAtMs = new Map<string, number>();
  for (const [index, prompt] of HIGHS.entries()) {
    acceptedAtMs.set(prompt, world.clock.monotonicMs());
    await acceptHigh(world, prompt, tenant);
    await world.clock.advance(gapMs(index));
  }
  await world.clock.advance(12_000);
  const { calls } = world.model;
  return HIGHS.map((high) => {
    const from = acceptedAtMs.get(high) ?? 0;
    const until = calls.find(({ prompt }) => prompt === high)?.startedAtMs ?? Number.POSITIVE_INFINITY;
    const passing = calls.filter(
      ({ prompt, startedAtMs }) => prompt.startsWith('low') && startedAtMs > from && startedAtMs < until,
    );
    return { waitMs: until - from, passedBy: passing.length };
  });
};

describe('high requests behind a backlog of low ones that takes all of the quota', () => {
  it.each([
    ['of the same tenant, whose further requests travel in bulk', 'default'],
    ['of another tenant, which travel by express', 'other'],
  ])('%s: are called within a second, and before nearly all others', async (_, tenant) => {
    const world = busyWorld();
    await acceptBacklog(world, 2000);
    void startDrain(world);
    await world.clock.advance(WARM_MS);
    const waits = await waitsOfHighs(world, tenant);
    expect(Math.max(...waits.map(({ waitMs }) => waitMs))).toBeLessThanOrEqual(1000);
    expect(Math.max(...waits.map(({ passedBy }) => passedBy))).toBeLessThanOrEqual(10);
    // Or there was nothing to wait behind.
    expect(heldIn(world, LOW_BULK).length).toBeGreaterThanOrEqual(500);
  });

  it('are not kept by an owner that another has followed', async () => {
    const world = busyWorld();
    await acceptBacklog(world, 2000);
    void startDrain(world);
    await world.clock.advance(WARM_MS);
    void startDrain(world);
    const waits = await waitsOfHighs(world, 'other', () => 137);
    expect(Math.max(...waits.map(({ waitMs }) => waitMs))).toBeLessThanOrEqual(1000);
    expect(new Set(world.requests.all().map(({ epoch }) => epoch)).size).toBeGreaterThanOrEqual(2);
  });

  it('travel in bulk when their tenant has that much waiting', async () => {
    const world = busyWorld();
    await acceptBacklog(world, 50);
    await acceptHigh(world, 'high', 'default');
    expect(heldIn(world, HIGH_BULK)).toHaveLength(1);
  });

  it('find their places and their quota when many come at once', async () => {
    const world = busyWorld();
    await acceptBacklog(world, 2000);
    void startDrain(world);
    await world.clock.advance(WARM_MS);
    const before = world.model.calls.length;
    await accept(
      world,
      HIGHS.map((prompt) => overHttp({ prompt, max_tokens: 100, priority: 'high' })),
    );
    await world.clock.advance(3000);
    const next = world.model.prompts().slice(before);
    expect(next.filter((prompt) => prompt.startsWith('high'))).toHaveLength(24);
  });

  it('find half of the places free, whatever waits below them and however long it does', async () => {
    const world = createWorld({
      settings: { queue_depth_threshold: 10, max_concurrent_executions: 1 },
      model: { latencyMs: () => 60_000 },
    });
    await acceptPrompts(world, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'], { priority: 'normal' });
    await acceptBacklog(world, 30);
    void startDrain(world);
    await world.clock.advance(20_000);
    for (const prompt of HIGHS.slice(0, 5)) await acceptHigh(world, prompt, 'other');
    await world.clock.advance(1000);
    expect(world.queues.hidden(HIGH_LANE)).toBe(5);
  });
});
