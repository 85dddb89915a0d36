import { createDrainPool } from '../../../shared/flows/drain/drain-pool.ts';
import { createReadRequest } from '../../../shared/flows/read-request.ts';
import { type Around, failing, nameOf } from '../../fakes/interpose.ts';
import { answerTo, faultOf, serviceFault } from '../../fakes/scripted-model.ts';
import { START_MS } from '../../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, drainDepsOf, type World, type WorldOptions } from '../../fakes/world.ts';
import { accept, overHttp } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, notifications, startDrain } from './drains.ts';

const POOL = {
  model_id: 'model-haiku',
  quota: { tokens_per_minute: 10_000_000 },
  // An answer of the scripted model uses 10 and 20 tokens: 10 + 100 microdollars.
  prices: { input: 1, output: 5 },
};

/** A hundred times the price, for budgets of a few calls. */
const DEAR = { ...POOL, prices: { input: 100, output: 500 } };

const worldOf = (tenant: object, { settings, ...options }: WorldOptions = {}): World =>
  createWorld({ ...options, settings: { models: { haiku: POOL }, tenants: { acme: tenant }, ...settings } });

const send = async (
  world: World,
  count: number,
  fields: object = {},
  tenant = 'acme',
): Promise<readonly string[]> => {
  const accepted = await accept(
    world,
    Array.from({ length: count }, (_, index) =>
      overHttp({ prompt: `${tenant} ${index}`, max_tokens: 20, ...fields }, { provenTenant: tenant }),
    ),
  );
  return accepted.flatMap((each) => (each.kind === 'accepted' ? [each.item.requestId] : []));
};

const spentIn = (world: World, period: string) => world.spends.read({ tenant: 'acme', period });
const callsOf = (world: World, tenant: string) =>
  world.model.calls.filter(({ prompt }) => prompt.startsWith(tenant));

const waitingFor = async (world: World, requestId: string) => {
  const reading = await createReadRequest(acceptDepsOf(world))({ requestId, tenant: 'acme' });
  return reading.kind === 'pending' ? reading.request.waiting_for : reading.kind;
};

/** Of each: at most so many microdollars, with input that is estimated at so many tokens. */
const mostOfOne = async (): Promise<number> => {
  const world = worldOf({ budget: { usd: 1 } }, { model: { latencyMs: () => 10_000 } });
  await send(world, 1);
  const running = startDrain(world);
  await world.clock.advance(1_500);
  const { microdollars } = await spentIn(world, '2026-01-31');
  await world.clock.run(running);
  return microdollars;
};

describe('a tenant with a pace', () => {
  it('makes no more calls a minute than it may, while others are served at once', async () => {
    const world = worldOf({ requests_per_minute: 60 });
    const [slow, fast] = [await send(world, 30), await send(world, 30, {}, 'other')];
    await drain(world);
    expectAllAnswered(world, [...slow, ...fast]);
    const lastOf = (tenant: string) =>
      Math.max(...callsOf(world, tenant).map(({ startedAtMs }) => startedAtMs));
    expect(lastOf('acme') / 1000).toBeGreaterThanOrEqual(29);
    expect(lastOf('acme') / 1000).toBeLessThan(32);
    expect(lastOf('other') / 1000).toBeLessThan(5);
  });

  it('has no more calls under way than it may', async () => {
    const world = worldOf({ max_concurrent: 2 });
    const ids = await send(world, 12);
    await drain(world);
    expectAllAnswered(world, ids);
    const under = (atMs: number) =>
      world.model.calls.filter(({ startedAtMs, endedAtMs = 0 }) => startedAtMs <= atMs && atMs < endedAtMs)
        .length;
    expect(Math.max(...world.model.calls.map(({ startedAtMs }) => under(startedAtMs)))).toBe(2);
  });
});

describe('a tenant with a budget', () => {
  it('is counted what its calls came to, and nothing of what was only reserved', async () => {
    const world = worldOf({ budget: { usd: 1 }, tokens_per_day: 1_000_000 });
    const ids = await send(world, 20, { max_tokens: 1000 });
    await drain(world);
    expectAllAnswered(world, ids);
    expect(await spentIn(world, '2026-01-31')).toEqual({ microdollars: 20 * 110, tokens: 20 * 30 });
  });

  it('never spends more, however much is sent at once, in two pools at a time', async () => {
    const one = await mostOfOne();
    const models = { haiku: DEAR, nova: { ...DEAR, model_id: 'model-nova' } };
    const usd = (10.5 * 100 * one) / 1e6;
    // Each call comes to the most that it may.
    const usage = { input_tokens: one - 100, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 };
    const world = worldOf(
      { budget: { usd } },
      {
        settings: { models, default_model: 'haiku', max_concurrent_executions: 300 },
        model: {
          script: ({ prompt }) => {
            const reply = answerTo(prompt);
            return reply.kind === 'answered' ? { ...reply, answer: { ...reply.answer, usage } } : reply;
          },
        },
      },
    );
    const ids = [...(await send(world, 100)), ...(await send(world, 100, { model: 'nova' }))];
    const remainingMs = () => 900_000 - world.clock.monotonicMs();
    await world.clock.run(
      Promise.all(
        ['haiku', 'nova'].map((pool) => createDrainPool(drainDepsOf(world))({ pool, remainingMs })),
      ),
    );
    expect(world.model.calls).toHaveLength(10);
    expect((await spentIn(world, '2026-01-31')).microdollars).toBe(10 * 100 * one);
    expect(ids.filter((id) => itemOf(world, id).status === 'queued')).toHaveLength(190);
  });

  it('waits for the next day, says so, keeps nobody else back, and goes on by itself', async () => {
    const world = worldOf({ budget: { usd: 0.01 } });
    const spent = await send(world, 100, { max_tokens: 30 });
    const others = await send(world, 20, {}, 'other');
    await drain(world);
    expectAllAnswered(world, others);
    const done = callsOf(world, 'acme').length;
    expect((await spentIn(world, '2026-01-31')).microdollars).toBe(done * 110);
    expect(done).toBeGreaterThan(80);
    expect(done * 110).toBeLessThanOrEqual(10_000);
    const waiting = spent.filter((id) => itemOf(world, id).status === 'queued');
    expect(waiting).toHaveLength(100 - done);
    expect(await waitingFor(world, waiting[0] ?? '')).toBe('budget');
    expect(world.telemetry.events.filter(({ event }) => event === 'tenant_has_spent')).toHaveLength(1);

    await world.clock.advance(Date.UTC(2026, 1, 1) - START_MS);
    await drain(world, { isTick: true });
    expectAllAnswered(world, spent);
    expect((await spentIn(world, '2026-02-01')).microdollars).toBe((100 - done) * 110);
  });

  it('fails what it cannot pay for any more, where the settings say so, without a call', async () => {
    const world = worldOf({ budget: { usd: 0.01, when_spent: 'fail' } });
    const ids = await send(world, 120);
    await drain(world);
    const failed = notifications(world).filter(({ status }) => status === 'failed');
    expect(failed).toHaveLength(120 - world.model.calls.length);
    expect(failed.length).toBeGreaterThan(20);
    expect(failed[0]?.error).toMatchObject({ code: 'budget_spent', status: 402 });
    expect(failed[0]?.error?.detail).toMatch(
      /^The call may come to \$0\.000\d+, more than is left of the \$0\.01 that the tenant may use in 2026-01-31\.$/,
    );
    expectAllAnswered(world, ids);
  });

  it('fails at once what no day could pay for, and goes on with the rest', async () => {
    const world = worldOf({ tokens_per_day: 500 });
    const [large] = await send(world, 1, { max_tokens: 1000 });
    const small = await send(world, 3);
    await drain(world);
    expect(itemOf(world, large).errorCode).toBe('budget_spent');
    expect(small.map((id) => itemOf(world, id).status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('pays nothing for what the service refused, and all that was reserved where nobody can tell', async () => {
    const world = worldOf(
      { budget: { usd: 1 } },
      {
        model: {
          script: ({ prompt }, before) => (prompt === 'acme 0' && before === 0 ? serviceFault : undefined),
        },
      },
    );
    await send(world, 2);
    await drain(world);
    expect((await spentIn(world, '2026-01-31')).microdollars).toBe(220);

    const silent = worldOf(
      { budget: { usd: 1 } },
      { model: { script: (_, before) => (before === 0 ? faultOf('TimeoutError', undefined) : undefined) } },
    );
    await send(silent, 1);
    await drain(silent);
    expect((await spentIn(silent, '2026-01-31')).microdollars).toBe((await mostOfOne()) + 110);
  });

  it('makes no call while nobody can say what is left', async () => {
    const world = worldOf({ budget: { usd: 1 } });
    const ids = await send(world, 3);
    let isDown = true;
    const around = failing((effect) => isDown && nameOf(effect) === 'spends.reserve');
    const running = startDrain(world, { around });
    await world.clock.advance(20_000);
    expect(world.model.calls).toEqual([]);
    isDown = false;
    await world.clock.run(running);
    expectAllAnswered(world, ids);
  });

  it('is not charged twice for one call, though what it came to could not be written at once', async () => {
    const world = worldOf({ budget: { usd: 1 } });
    await send(world, 5, { max_tokens: 1000 });
    let failures = 0;
    const around: Around = async (effect, perform) => {
      if (nameOf(effect) === 'spends.correct' && failures < 3) {
        failures += 1;
        throw new Error('no table');
      }
      return perform();
    };
    await drain(world, { around });
    expect(failures).toBe(3);
    expect((await spentIn(world, '2026-01-31')).microdollars).toBe(550);
  });

  it('has nothing to do with those that have none', async () => {
    const world = worldOf({ budget: { usd: 1 } });
    const names: string[] = [];
    await send(world, 5, {}, 'other');
    await drain(world, {
      around: (effect, perform) => {
        names.push(effect.port);
        return perform();
      },
    });
    expect(names).not.toContain('spends');
  });
});
