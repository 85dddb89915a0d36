import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { failing } from '../fakes/interpose.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain, itemOf, notifications, startDrain } from '../flows/drain/drains.ts';
import { accept, acceptPrompts, fromQueue } from '../flows/submissions.ts';

describe('the HTTP door for canceling', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ model: { latencyMs: () => 60_000 } });
  });

  const cancel = async (id = '', around?: Parameters<typeof acceptDepsOf>[1]) => {
    const app = createSubmitApp(acceptDepsOf(world, around));
    const response = await app.request(`/v1/requests/${id}/cancel`, { method: 'POST' });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as Readonly<Record<string, unknown>>,
    };
  };

  it('ends at once what waits, and tells the results queue', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    expect(await cancel(id)).toMatchObject({
      status: 200,
      body: { request_id: id, status: 'canceled', error: { code: 'canceled' } },
    });
    expect(notifications(world)).toMatchObject([{ request_id: id, status: 'canceled' }]);
    await drain(world);
    expect(world.model.calls).toEqual([]);
    // Whoever meets its lane message tells once more.
    expect(new Set(notifications(world).map(({ status }) => status))).toEqual(new Set(['canceled']));
  });

  it('has what runs stopped', async () => {
    const [id] = await acceptPrompts(world, ['x']);
    const running = startDrain(world);
    await world.clock.advance(5_000);
    expect(itemOf(world, id).status).toBe('running');
    expect(await cancel(id)).toMatchObject({
      status: 202,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: { status: 'running' },
    });
    await world.clock.run(running);
    expect(itemOf(world, id).status).toBe('canceled');
  });

  it('leaves what has ended as it is', async () => {
    world = createWorld();
    const [id] = await acceptPrompts(world, ['x']);
    await drain(world);
    expect(await cancel(id)).toMatchObject({
      status: 200,
      body: { status: 'succeeded', content: 'answer to x' },
    });
    expect((await cancel(id)).body.status).toBe('succeeded');
  });

  it('finds nothing of other tenants, nor what was never there', async () => {
    const [acceptance] = await accept(world, [fromQueue('m-1', { prompt: 'x', tenant: 'alpha' })]);
    const id = acceptance?.kind === 'accepted' ? acceptance.item.requestId : '';
    expect((await cancel(id)).status).toBe(404);
    expect(itemOf(world, id).status).toBe('queued');
    expect((await cancel('req_00000000000000000000000000')).status).toBe(404);
    expect(
      (
        await cancel(
          'pool%23haiku',
          failing(() => true),
        )
      ).status,
    ).toBe(404);
  });
});
