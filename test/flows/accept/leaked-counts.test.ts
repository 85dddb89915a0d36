import { wakeSchema } from '../../../shared/contract/messages.ts';
import { createAcceptRequests } from '../../../shared/flows/accept/accept-requests.ts';
import { createDrainPool } from '../../../shared/flows/drain/drain-pool.ts';
import { acceptDepsOf, createWorld, drainDepsOf, type World } from '../../fakes/world.ts';
import { overHttp } from '../submissions.ts';

const wakesOf = (world: World): readonly unknown[] =>
  world.queues.bodies('wake').map((body) => JSON.parse(body));

/** As the function does: whatever the wake says. */
const drainAsWoken = async (world: World): Promise<void> => {
  const { pool, tenant } = wakeSchema.parse(wakesOf(world).at(-1));
  const input = { pool, doubtedTenant: tenant, remainingMs: () => 900_000 };
  await world.clock.run(createDrainPool(drainDepsOf(world))(input));
};

describe('a tenant that is refused for a count that leaked', () => {
  let world: World;
  let accept: ReturnType<typeof createAcceptRequests>;
  const ask = async (tenant = 'leaky') =>
    (await accept([overHttp({ prompt: 'hello' }, { provenTenant: tenant })]))[0]?.kind;

  beforeEach(async () => {
    world = createWorld({ settings: { tenants: { '*': { max_waiting: 10 } } } });
    accept = createAcceptRequests(acceptDepsOf(world));
    // Somebody counted and died before he sent.
    await world.tenants.addWaiting('haiku', 'leaky', 10);
  });

  it('is let in again once its pool has found every lane empty', async () => {
    expect(await ask()).toBe('refused');
    expect(wakesOf(world)).toEqual([{ pool: 'haiku', tenant: 'leaky' }]);
    await drainAsWoken(world);
    expect(await ask()).toBe('accepted');
    expect(await world.tenants.readWaiting('haiku', 'leaky')).toBe(1);
  });

  it('is asked about once a minute, each by itself', async () => {
    await world.tenants.addWaiting('haiku', 'other', 10);
    for (const tenant of ['leaky', 'leaky', 'other', 'leaky']) await ask(tenant);
    await world.clock.advance(59_999);
    await ask();
    expect(wakesOf(world)).toHaveLength(2);
    await world.clock.advance(1);
    await ask();
    expect(wakesOf(world)).toHaveLength(3);
  });

  it('wakes nobody while its pool is being drained', async () => {
    await world.pools.acquire('haiku', world.clock.nowMs(), 10_000);
    expect(await ask()).toBe('refused');
    expect(wakesOf(world)).toEqual([]);
  });

  it('keeps its count while anything waits', async () => {
    await accept([overHttp({ prompt: 'later', not_before: '2026-01-31T18:00:00Z' })]);
    await ask();
    await drainAsWoken(world);
    expect(await ask()).toBe('refused');
  });
});
