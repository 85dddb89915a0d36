import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import { completionEvent, deliveryOf, eventId } from '../contracts/events.ts';
import { acceptDepsOf, createWorld } from '../fakes/world.ts';

const open = (webhooks: string) => {
  const world = createWorld({ settings: { webhooks } });
  const deps = acceptDepsOf(world);
  const apps = { GET: createReadApp(deps), POST: createSubmitApp(deps) };
  const call = async (method: 'GET' | 'POST', path: string) => {
    const response = await apps[method].request(`http://localhost${path}`, { method });
    return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
  };
  return { world, call };
};

describe('the webhooks of a tenant', () => {
  it('have a secret that stays until it is rotated', async () => {
    const { call } = open('on');
    const first = await call('POST', '/v1/webhooks/secret');
    expect(first).toMatchObject({
      status: 200,
      body: { secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/), previous_until: null },
    });
    expect(await call('POST', '/v1/webhooks/secret')).toEqual(first);
    const next = await call('POST', '/v1/webhooks/secret/rotate');
    expect(next.body.secret).not.toBe(first.body.secret);
    expect(next.body.previous_until).toBe('2026-02-01T12:00:00.000Z');
    expect((await call('POST', '/v1/webhooks/secret')).body.secret).toBe(next.body.secret);
  });

  it('are listed to nobody else, and can be sent again', async () => {
    const { world, call } = open('on');
    const own = deliveryOf(completionEvent(1, { tenant: 'default' }), { status: 'failed' });
    await world.deliveries.keep(own, 0);
    await world.deliveries.keep(deliveryOf(completionEvent(2, { tenant: 'other' })), 0);
    expect(await call('GET', '/v1/webhooks/deliveries?status=failed')).toEqual({
      status: 200,
      body: { deliveries: [own], next_cursor: null },
    });
    const replayed = await call('POST', `/v1/webhooks/deliveries/${eventId(1)}/replay`);
    expect(replayed).toMatchObject({ status: 202, body: { status: 'pending', replays: 1 } });
    expect(world.queues.bodies('webhooks')).toHaveLength(1);
    expect((await call('POST', `/v1/webhooks/deliveries/${eventId(2)}/replay`)).status).toBe(404);
    expect((await call('POST', '/v1/webhooks/deliveries/x/replay')).status).toBe(404);
  });

  it('are asked for by parameters that are known', async () => {
    const { call } = open('on');
    const { status, body } = await call(
      'GET',
      '/v1/webhooks/deliveries?status=x&request_id=1&limit=0&cursor=y',
    );
    expect(status).toBe(422);
    expect(
      (body.errors as readonly { readonly parameter: string }[]).map(({ parameter }) => parameter),
    ).toEqual(['status', 'request_id', 'cursor', 'limit']);
  });

  it('are not there where they are turned off', async () => {
    const { call } = open('off');
    expect((await call('POST', '/v1/webhooks/secret')).status).toBe(404);
    expect((await call('POST', `/v1/webhooks/deliveries/${eventId(1)}/replay`)).status).toBe(404);
  });
});
