import { createWorld, type World } from '../../fakes/world.ts';
import { accept, acceptedItem, fromQueue, heldIn, NORMAL_LANE, overHttp } from '../submissions.ts';

describe('accept-requests, asked again', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld();
  });

  const withKey = (key: string, body: Readonly<Record<string, unknown>> = { prompt: 'hello' }) =>
    overHttp(body, { idempotencyKey: key });

  it('answers the same key and body with the first request, and says that it is a replay', async () => {
    const first = await acceptedItem(world, withKey('k-1'));
    await world.clock.advance(60_000);
    expect(await accept(world, [withKey('k-1')])).toEqual([
      { kind: 'accepted', item: first, replayed: true },
    ]);
    expect(world.requests.all()).toHaveLength(1);
  });

  it('sends the lane message again while the request is queued, with its first times', async () => {
    const first = await acceptedItem(world, withKey('k-1'));
    await world.clock.advance(60_000);
    await accept(world, [withKey('k-1')]);
    expect(
      heldIn(world, NORMAL_LANE).map((held) => [held.request_id, held.accepted_at_ms, held.expires_at_ms]),
    ).toEqual([
      [first.requestId, 1_769_860_800_000, 1_770_292_800_000],
      [first.requestId, 1_769_860_800_000, 1_770_292_800_000],
    ]);
  });

  it('sends no lane message again while the request runs', async () => {
    const first = await acceptedItem(world, withKey('k-1'));
    world.requests.put({ ...first, status: 'running', claims: 1, attempts: 1, epoch: 1 });
    expect(await accept(world, [withKey('k-1')])).toMatchObject([
      { kind: 'accepted', item: { status: 'running' }, replayed: true },
    ]);
    expect(world.queues.bodies(NORMAL_LANE)).toHaveLength(1);
  });

  it('lets the drain repeat the answer to a producer on the queue, not to a caller over HTTP', async () => {
    const overQueue = await acceptedItem(world, fromQueue('m-1', { prompt: 'a' }));
    const viaHttp = await acceptedItem(world, withKey('k-1', { prompt: 'b' }));
    for (const item of [overQueue, viaHttp]) world.requests.put({ ...item, status: 'succeeded' });
    await accept(world, [fromQueue('m-1', { prompt: 'a' })]);
    await accept(world, [withKey('k-1', { prompt: 'b' })]);
    expect(heldIn(world, NORMAL_LANE).map(({ request_id }) => request_id)).toEqual([
      overQueue.requestId,
      viaHttp.requestId,
      overQueue.requestId,
    ]);
  });

  it('refuses the same key with another body, and names the first request', async () => {
    const first = await acceptedItem(world, withKey('k-1'));
    expect(await accept(world, [withKey('k-1', { prompt: 'other' })])).toMatchObject([
      {
        kind: 'refused',
        problem: { code: 'idempotency_conflict', status: 422, request_id: first.requestId },
      },
    ]);
    expect(world.queues.bodies(NORMAL_LANE)).toHaveLength(1);
  });

  it('takes a body whose fields are ordered otherwise for the same', async () => {
    await accept(world, [withKey('k-1', { prompt: 'x', max_tokens: 5 })]);
    expect(await accept(world, [withKey('k-1', { max_tokens: 5, prompt: 'x' })])).toMatchObject([
      { kind: 'accepted', replayed: true },
    ]);
  });

  it('takes a key for the same whether it comes in the header or in the body', async () => {
    const first = await acceptedItem(world, withKey('k-1'));
    const again = await acceptedItem(world, overHttp({ prompt: 'hello', idempotency_key: 'k-1' }));
    expect(again.requestId).toBe(first.requestId);
  });

  it('keeps the keys of tenants apart', async () => {
    const body = { prompt: 'x', idempotency_key: 'k-1' };
    const alpha = await acceptedItem(world, fromQueue('m-1', { ...body, tenant: 'alpha' }));
    const beta = await acceptedItem(world, fromQueue('m-2', { ...body, tenant: 'beta' }));
    expect(alpha.requestId).not.toBe(beta.requestId);
  });

  it('tells a second delivery from a second message with the same body', async () => {
    const first = await acceptedItem(world, fromQueue('m-1', { prompt: 'x' }));
    const delivered = await acceptedItem(world, fromQueue('m-1', { prompt: 'x' }));
    const second = await acceptedItem(world, fromQueue('m-2', { prompt: 'x' }));
    expect(delivered.requestId).toBe(first.requestId);
    expect(second.requestId).not.toBe(first.requestId);
  });

  it('takes the same key twice in one batch for one request', async () => {
    const body = { prompt: 'x', idempotency_key: 'k-1' };
    const acceptances = await accept(world, [fromQueue('m-1', body), fromQueue('m-2', body)]);
    expect(acceptances).toMatchObject([
      { kind: 'accepted', replayed: false },
      { kind: 'accepted', replayed: true },
    ]);
    expect(world.requests.all()).toHaveLength(1);
  });

  it('refuses the second of one batch when its body differs', async () => {
    const acceptances = await accept(world, [
      fromQueue('m-1', { prompt: 'x', idempotency_key: 'k-1' }),
      fromQueue('m-2', { prompt: 'y', idempotency_key: 'k-1' }),
    ]);
    expect(acceptances.map(({ kind }) => kind)).toEqual(['accepted', 'refused']);
  });

  it('answers a replay after the deadline with the request, since it was accepted in time', async () => {
    const body = { prompt: 'x', deadline: '2026-01-31T12:01:00Z' };
    const first = await acceptedItem(world, fromQueue('m-1', body));
    await world.clock.advance(120_000);
    expect(await accept(world, [fromQueue('m-1', body)])).toEqual([
      { kind: 'accepted', item: first, replayed: true },
    ]);
  });
});
