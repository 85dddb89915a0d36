import { recordInto } from '../../fakes/interpose.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { accept, fromQueue, heldIn, overHttp } from '../submissions.ts';

const CAP = 100;

describe('accept-requests, at a tenant’s cap', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ settings: { tenants: { '*': { max_waiting: CAP } } } });
  });

  const waiting = () => world.tenants.readWaiting('haiku', 'default');
  const keyed = (key: string, prompt = 'hello') => overHttp({ prompt }, { idempotencyKey: key });

  it('takes what reaches the cap over HTTP, and refuses the next with how many wait', async () => {
    await world.tenants.addWaiting('haiku', 'default', 99);
    expect(await accept(world, [overHttp({ prompt: 'a' })])).toMatchObject([{ kind: 'accepted' }]);
    expect(await accept(world, [overHttp({ prompt: 'b' })])).toMatchObject([
      {
        kind: 'refused',
        problem: {
          code: 'too_many_waiting',
          status: 429,
          retryable: true,
          waiting: 100,
          max_waiting: 100,
          detail: '`default` has 100 unfinished requests in `haiku`, of at most 100; nothing was accepted.',
        },
      },
    ]);
    expect(world.requests.all()).toHaveLength(1);
    expect(await waiting()).toBe(100);
  });

  it('is never passed by many at once', async () => {
    await world.tenants.addWaiting('haiku', 'default', 60);
    const acceptances = await Promise.all(
      Array.from({ length: 200 }, () => accept(world, [overHttp({ prompt: 'x' })])),
    );
    const kinds = acceptances.flat().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(40);
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(160);
    expect(world.requests.all()).toHaveLength(40);
    expect(await waiting()).toBe(100);
  });

  it('still answers a replay as such, and refuses its changed body as such', async () => {
    await accept(world, [keyed('k')]);
    await world.tenants.addWaiting('haiku', 'default', 99);
    expect(await accept(world, [keyed('k')])).toMatchObject([{ kind: 'accepted', replayed: true }]);
    expect(await accept(world, [keyed('k', 'other')])).toMatchObject([
      { kind: 'refused', problem: { code: 'idempotency_conflict' } },
    ]);
    expect(await accept(world, [keyed('another')])).toMatchObject([
      { kind: 'refused', problem: { code: 'too_many_waiting' } },
    ]);
    expect(await waiting()).toBe(100);
  });

  it('does not look for a request whose id nobody can have seen', async () => {
    await world.tenants.addWaiting('haiku', 'default', 100);
    const names: string[] = [];
    await accept(world, [overHttp({ prompt: 'x' })], recordInto(names));
    // What follows asks whether the count is true.
    expect(names).toEqual(['tenants.addWaiting', 'tenants.addWaiting', 'pools.isHeld', 'queues.send']);
  });

  it('lets the overflow of the queue wait in bulk', async () => {
    await world.tenants.addWaiting('haiku', 'loader', 100);
    const batch = [1, 2, 3].map((index) => fromQueue(`m-${index}`, { prompt: 'x', tenant: 'loader' }));
    expect((await accept(world, batch)).map(({ kind }) => kind)).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    expect(heldIn(world, 'hold-haiku-normal-bulk-0')).toHaveLength(3);
    expect(await world.tenants.readWaiting('haiku', 'loader')).toBe(103);
  });

  it('is each tenant’s own, and each pool’s', async () => {
    await world.tenants.addWaiting('haiku', 'default', 100);
    expect(await accept(world, [overHttp({ prompt: 'x' }, { provenTenant: 'other' })])).toMatchObject([
      { kind: 'accepted' },
    ]);
    await world.tenants.addWaiting('opus', 'third', 100);
    expect(await accept(world, [overHttp({ prompt: 'x' }, { provenTenant: 'third' })])).toMatchObject([
      { kind: 'accepted' },
    ]);
  });

  it('refuses what is too many and takes what is left, in one batch', async () => {
    await world.tenants.addWaiting('haiku', 'default', 98);
    const acceptances = await accept(
      world,
      [1, 2, 3, 4].map((n) => overHttp({ prompt: `${n}` })),
    );
    expect(acceptances.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'refused', 'refused']);
    expect(await waiting()).toBe(100);
  });

  it('has room for what is new beside replays, and for no more than that', async () => {
    const before = [1, 2, 3].map((n) => keyed(`k-${n}`));
    await accept(world, before);
    await world.tenants.addWaiting('haiku', 'default', 96);
    const acceptances = await accept(world, [...before, keyed('new'), keyed('one too many')]);
    expect(acceptances).toMatchObject([
      { kind: 'accepted', replayed: true },
      { kind: 'accepted', replayed: true },
      { kind: 'accepted', replayed: true },
      { kind: 'accepted', replayed: false },
      {
        kind: 'refused',
        problem: {
          waiting: 100,
          detail: '`default` has 100 unfinished requests in `haiku`, of at most 100; nothing was accepted.',
        },
      },
    ]);
    expect(await waiting()).toBe(100);
  });

  it('is told with the number that wait, to each of a batch that is too large', async () => {
    await world.tenants.addWaiting('haiku', 'default', 99);
    const acceptances = await accept(
      world,
      [1, 2, 3].map((n) => overHttp({ prompt: `${n}` })),
    );
    expect(acceptances).toMatchObject([
      { kind: 'accepted' },
      { kind: 'refused', problem: { waiting: 100 } },
      { kind: 'refused', problem: { waiting: 100 } },
    ]);
  });
});
