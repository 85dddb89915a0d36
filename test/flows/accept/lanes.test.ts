import { failing, nameOf } from '../../fakes/interpose.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, acceptedItem, fromQueue, heldIn, NORMAL_LANE, overHttp } from '../submissions.ts';

const LOADERS_BULK_LANE = 'hold-haiku-normal-bulk-0';

/** A batch of the input queue, as it comes at most. */
const tenOf = (tenant: string, batch: number) =>
  Array.from({ length: 10 }, (_, index) =>
    fromQueue(`${tenant}-${batch}-${index}`, { prompt: `${batch}-${index}`, tenant }),
  );

describe('accept-requests, choosing lanes', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  const waitingOf = (tenant: string) => world.tenants.readWaiting('haiku', tenant);
  const sizes = () => [heldIn(world, NORMAL_LANE).length, heldIn(world, LOADERS_BULK_LANE).length];

  it('sends a tenant’s first twenty by express and the rest in bulk', async () => {
    for (let batch = 0; batch < 4; batch += 1) await accept(world, tenOf('loader', batch));
    expect(sizes()).toEqual([20, 20]);
    expect(await waitingOf('loader')).toBe(40);
  });

  it('divides a batch where the twentieth falls into it', async () => {
    await world.tenants.addWaiting('haiku', 'loader', 15);
    await accept(world, tenOf('loader', 0));
    expect(heldIn(world, NORMAL_LANE).map(({ converse }) => converse?.messages[0]?.content[0]?.text)).toEqual(
      ['0-0', '0-1', '0-2', '0-3', '0-4'],
    );
    expect(sizes()).toEqual([5, 5]);
  });

  it('keeps a small job out of the way of somebody’s load', async () => {
    for (let batch = 0; batch < 4; batch += 1) await accept(world, tenOf('loader', batch));
    await accept(world, [fromQueue('m-1', { prompt: 'small', tenant: 'small' })]);
    expect(heldIn(world, NORMAL_LANE).at(-1)?.tenant).toBe('small');
  });

  it('lets a tenant use express again once its load is done', async () => {
    for (let batch = 0; batch < 3; batch += 1) await accept(world, tenOf('loader', batch));
    await world.tenants.addWaiting('haiku', 'loader', -30);
    await accept(world, tenOf('loader', 3));
    expect(sizes()).toEqual([30, 10]);
  });

  it('counts once for each tenant and pool of a batch', async () => {
    const deltas: unknown[] = [];
    const batch = [...tenOf('alpha', 0).slice(0, 4), ...tenOf('beta', 0).slice(0, 6)];
    await accept(world, batch, (effect, perform) => {
      if (nameOf(effect) === 'tenants.addWaiting') deltas.push(effect.args);
      return perform();
    });
    expect(deltas).toEqual([
      ['haiku', 'alpha', 4],
      ['haiku', 'beta', 6],
    ]);
  });

  it('counts no replay, and sends it to the lane that the count says', async () => {
    const again = fromQueue('m-1', { prompt: 'again', tenant: 'loader' });
    await accept(world, [again]);
    await world.tenants.addWaiting('haiku', 'loader', 29);
    await accept(world, [again]);
    expect(await waitingOf('loader')).toBe(30);
    expect([NORMAL_LANE, LOADERS_BULK_LANE].map((lane) => heldIn(world, lane).length)).toEqual([1, 1]);
  });

  it('counts nothing for what is refused, in whatever way', async () => {
    await accept(world, [fromQueue('m-1', { prompt: 'x', idempotency_key: 'k' })]);
    await accept(world, [
      fromQueue('m-2', { prompt: 'other', idempotency_key: 'k' }),
      fromQueue('m-3', { promt: 'x' }),
    ]);
    expect(await waitingOf('default')).toBe(1);
  });

  it('gives the place back of what could not be stored', async () => {
    const around = failing((effect) => nameOf(effect) === 'requests.create');
    await accept(world, [overHttp({ prompt: 'x' })], around);
    expect(await waitingOf('default')).toBe(0);
  });

  it('gives back the place of what did not reach its lane: it may never be sent again', async () => {
    world.queues.refuse(NORMAL_LANE, () => true);
    await accept(world, [overHttp({ prompt: 'x' })]);
    expect(await waitingOf('default')).toBe(0);
  });

  it('loses and refuses nothing because it could not count: all goes by express', async () => {
    await world.tenants.addWaiting('haiku', 'loader', 100_000);
    const around = failing(({ port }) => port === 'tenants');
    const overQueue = await accept(world, tenOf('loader', 0), around);
    const viaHttp = await accept(world, [overHttp({ prompt: 'x' }, { provenTenant: 'loader' })], around);
    expect([...overQueue, ...viaHttp].map(({ kind }) => kind)).toEqual(Array(11).fill('accepted'));
    expect(sizes()).toEqual([11, 0]);
    expect(world.telemetry.troubles()).toEqual(['waiting_not_counted', 'waiting_not_counted']);
  });

  it('parks what may not run yet, hidden until then, and wakes nobody for it', async () => {
    const item = await acceptedItem(world, overHttp({ prompt: 'later', not_before: '2026-01-31T12:10:00Z' }));
    expect(item.notBeforeMs).toBe(1_769_861_400_000);
    expect(heldIn(world, 'parked-haiku')).toMatchObject([{ not_before_ms: 1_769_861_400_000 }]);
    expect(sizes()).toEqual([0, 0]);
    expect(world.queues.bodies('wake')).toEqual([]);
    const received = world.queues.receive('parked-haiku', { max: 10, waitSeconds: 0 });
    expect(await received).toEqual([]);
    await world.clock.advance(600_000);
    expect(await world.queues.receive('parked-haiku', { max: 10, waitSeconds: 0 })).toHaveLength(1);
  });

  it('sends a replay of parked work where its first acceptance says, whatever the time is now', async () => {
    const body = { prompt: 'later', not_before: '2026-01-31T12:10:00Z', idempotency_key: 'k' };
    await acceptedItem(world, overHttp(body));
    await acceptedItem(world, overHttp(body));
    await world.clock.advance(600_000);
    const replayed = await acceptedItem(world, overHttp(body));
    expect(replayed.notBeforeMs).toBe(1_769_861_400_000);
    expect(heldIn(world, 'parked-haiku')).toHaveLength(2);
    expect(heldIn(world, NORMAL_LANE)).toHaveLength(1);
  });
});
