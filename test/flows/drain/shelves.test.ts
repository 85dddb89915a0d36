import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, overHttp } from '../submissions.ts';
import { drain, expectAllAnswered, startDrain, startProcess } from './drains.ts';

/** Both overflow into the same bulk lane, and a third one into the other. */
const FIRST = 'tenant-a';
const SECOND = 'tenant-c';
const ELSEWHERE = 'tenant-b';
const BULK = 'hold-haiku-normal-bulk-0';

const busyWorld = (latencyMs = 1_000): World =>
  createWorld({ settings: { max_concurrent_executions: 10 }, model: { latencyMs: () => latencyMs } });

const load = async (world: World, provenTenant: string, count: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let from = 0; from < count; from += 20) {
    const prompts = Array.from({ length: Math.min(20, count - from) }, (_, index) => from + index);
    const acceptances = await accept(
      world,
      prompts.map((n) => overHttp({ prompt: `${provenTenant} ${n}`, max_tokens: 100 }, { provenTenant })),
    );
    for (const each of acceptances) if (each.kind === 'accepted') ids.push(each.item.requestId);
    // What is sent later is told apart by its time.
    await world.clock.advance(10);
  }
  return ids;
};

const callsOf = (world: World, tenant: string): readonly number[] =>
  world.model.prompts().flatMap((prompt, index) => (prompt.startsWith(`${tenant} `) ? [index] : []));

const isForItsTurn = (effect: Parameters<Around>[0]): boolean =>
  nameOf(effect) === 'queues.setVisibility' && ![0, 60].includes(Number(effect.args[1]));

/** Counts messages that are hidden for their turn. */
const counting = (): { readonly around: Around; readonly messages: () => number } => {
  let messages = 0;
  return {
    messages: () => messages,
    around: (effect, perform) => {
      if (isForItsTurn(effect)) messages += (effect.args[0] as readonly unknown[]).length;
      return perform();
    },
  };
};

describe('a bulk lane that several tenants share, served first come first served', () => {
  it('serves a load that lies behind another beside it', async () => {
    const world = busyWorld();
    const first = await load(world, FIRST, 400);
    const second = await load(world, SECOND, 60);
    await drain(world);
    expectAllAnswered(world, [...first, ...second]);
    expect(callsOf(world, SECOND).at(-1)).toBeLessThan(200);
  });

  it('keeps the order of each, but for what goes at once', async () => {
    const world = busyWorld();
    await load(world, FIRST, 400);
    await load(world, SECOND, 400);
    await drain(world);
    const order = world.model.prompts().flatMap((prompt) => {
      const [tenant, index] = prompt.split(' ');
      return tenant === FIRST ? [Number(index)] : [];
    });
    const farthest = Math.max(...order.map((index, place) => Math.abs(index - place)));
    expect(order).toHaveLength(400);
    expect(farthest).toBeLessThan(60);
  });

  it('uses every place for calls, whoever is hidden', async () => {
    const world = busyWorld();
    await load(world, FIRST, 400);
    await load(world, SECOND, 100);
    const startedAtMs = world.clock.monotonicMs();
    await drain(world);
    // 500 answers of a second, ten at once, take 50 s; the drain waits a little for more.
    expect(world.clock.monotonicMs() - startedAtMs).toBeLessThan(60_000);
  });

  it('hides nothing of a tenant that is alone, nor for tenants of the other lane', async () => {
    const { around, messages } = counting();
    const world = busyWorld();
    await load(world, FIRST, 300);
    await load(world, ELSEWHERE, 300);
    await drain(world, { around });
    expect(messages()).toBe(0);
  });

  it('hides a message a few times at most', async () => {
    const { around, messages } = counting();
    const world = busyWorld();
    await load(world, FIRST, 400);
    await load(world, SECOND, 400);
    await drain(world, { around });
    expect(messages()).toBeGreaterThan(400);
    expect(messages()).toBeLessThan(3 * 800);
  });

  it('counts what is hidden among what waits in the lanes', async () => {
    const world = busyWorld(10_000);
    await load(world, FIRST, 300);
    await load(world, SECOND, 100);
    void startDrain(world);
    await world.clock.advance(44_000);
    const report = await world.pools.readReport('haiku');
    const { staged, lanes } = report ?? {};
    expect(world.queues.hidden(BULK)).toBeGreaterThan(200);
    expect((staged?.normal ?? 0) + (lanes?.normal ?? 0)).toBeGreaterThan(340);
  });

  it('has all that is hidden come back when the drain dies, in time', async () => {
    const world = busyWorld();
    const ids = [...(await load(world, FIRST, 400)), ...(await load(world, SECOND, 60))];
    const killed = startProcess(world);
    await world.clock.advance(8_000);
    expect(world.queues.hidden(BULK)).toBeGreaterThan(300);
    killed.kill();
    await world.clock.advance(20_000);
    const called = world.model.calls.length;
    const successor = startProcess(world);
    await world.clock.advance(20_000);
    // Ten at once, a second each: hardly less than if everything had been visible.
    expect(world.model.calls.length - called).toBeGreaterThan(150);
    await world.clock.run(successor.outcome);
    await world.clock.advance(600_000);
    await drain(world);
    expectAllAnswered(world, ids);
  });

  it('goes on where the drain before ended', async () => {
    const world = busyWorld();
    const ids = [...(await load(world, FIRST, 400)), ...(await load(world, SECOND, 300))];
    await drain(world, { lifeMs: 60_000 });
    const before = world.model.calls.length;
    await drain(world);
    expectAllAnswered(world, ids);
    const next = world.model.prompts().slice(before, before + 100);
    expect(next.filter((prompt) => prompt.startsWith(SECOND)).length).toBeGreaterThan(30);
  });
});
