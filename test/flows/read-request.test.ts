import { createReadRequest } from '../../shared/flows/read-request.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain, itemOf } from './drain/drains.ts';
import { acceptPrompts } from './submissions.ts';

describe('read-request', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  const read = (requestId = '', tenant = 'default') =>
    createReadRequest(acceptDepsOf(world))({ requestId, tenant });

  it('shows a request that waits', async () => {
    const [id = ''] = await acceptPrompts(world, ['x'], { custom_id: 'order-1' });
    expect(await read(id)).toEqual({
      kind: 'pending',
      request: {
        request_id: id,
        custom_id: 'order-1',
        tenant: 'default',
        status: 'queued',
        model: 'model-haiku',
        pool: 'haiku',
        priority: 'normal',
        accepted_at: '2026-01-31T12:00:00.000Z',
        expires_at: '2026-02-05T12:00:00.000Z',
        attempts: 0,
        waiting_for: 'drain',
        ahead: null,
        eta_seconds: 6,
      },
    });
  });

  it('shows a request that runs', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    world.requests.put({ ...itemOf(world, id), status: 'running', attempts: 1, epoch: 1 });
    expect(await read(id)).toMatchObject({
      kind: 'pending',
      request: { status: 'running', attempts: 1, waiting_for: null },
    });
  });

  it('gives the whole result of a request that has ended, out of a packed segment', async () => {
    const ids = await acceptPrompts(world, ['first', 'sécond 🚦', 'third']);
    await drain(world);
    const readings = await Promise.all(ids.map((id) => read(id)));
    expect(readings).toMatchObject([
      { kind: 'ended', result: { content: 'answer to first' } },
      { kind: 'ended', result: { content: 'answer to sécond 🚦' } },
      { kind: 'ended', result: { content: 'answer to third' } },
    ]);
  });

  it('shows a waiting request as expired soon after its deadline', async () => {
    const [id = ''] = await acceptPrompts(world, ['x'], { expires_in_seconds: 60 });
    await world.clock.advance(64_999);
    expect((await read(id)).kind).toBe('pending');
    await world.clock.advance(1);
    expect(await read(id)).toMatchObject({
      kind: 'ended',
      result: {
        status: 'expired',
        finished_at: '2026-01-31T12:01:00.000Z',
        error: { code: 'deadline_passed' },
      },
    });
  });

  it('lets a request that runs past its deadline come to its end', async () => {
    const [id = ''] = await acceptPrompts(world, ['x'], { expires_in_seconds: 60 });
    world.requests.put({ ...itemOf(world, id), status: 'running' });
    await world.clock.advance(120_000);
    expect((await read(id)).kind).toBe('pending');
  });

  it('hides a request from other tenants', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    expect(await read(id, 'somebody-else')).toEqual({ kind: 'not_found' });
  });

  it('knows nothing of an id that was never given', async () => {
    expect(await read('req_00000000000000000000000000')).toEqual({ kind: 'not_found' });
  });

  it('says that a result is gone after its 30 days, though the item is still there', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    await drain(world);
    await world.clock.advance(30 * 86_400_000 - 10_000);
    expect((await read(id)).kind).toBe('ended');
    await world.clock.advance(20_000);
    expect(await read(id)).toEqual({ kind: 'gone' });
  });

  it('says that a result is gone when its object is missing', async () => {
    const [id = ''] = await acceptPrompts(world, ['x']);
    await drain(world);
    for (const key of world.objects.keys()) world.objects.forget(key);
    expect(await read(id)).toEqual({ kind: 'gone' });
  });
});
