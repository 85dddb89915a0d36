import { createSubmitApp } from '../../functions/ingestion/submit-app.ts';
import { createSubmitBatch } from '../../functions/ingestion/submit-batch.ts';
import { createReadApp } from '../../functions/query/read-app.ts';
import { type Around, failing, nameOf } from '../fakes/interpose.ts';
import { serviceFault } from '../fakes/scripted-model.ts';
import { acceptDepsOf, createWorld, type World } from '../fakes/world.ts';
import { drain } from '../flows/drain/drains.ts';
import { heldIn, NORMAL_LANE } from '../flows/submissions.ts';
import { recordOf } from './sqs-events.ts';

describe('a correlation id', () => {
  let world: World;

  beforeEach(() => {
    world = createWorld({ model: { script: (_, before) => (before === 0 ? serviceFault : undefined) } });
  });

  const post = (
    headers: Readonly<Record<string, string>>,
    body: unknown = { prompt: 'x' },
    around?: Around,
  ) =>
    createSubmitApp(acceptDepsOf(world, around)).request('/v1/requests', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    createReadApp(acceptDepsOf(world)).request(path, { headers });

  const deliver = (attributes: Readonly<Record<string, string>>, body: unknown = { prompt: 'x' }) =>
    createSubmitBatch(acceptDepsOf(world))({ Records: [recordOf('m-1', JSON.stringify(body), attributes)] });

  it('comes over HTTP, waits with the request, and is given back', async () => {
    const response = await post({ 'x-correlation-id': 'order/17' });
    expect(response.headers.get('x-correlation-id')).toBe('order/17');
    expect(heldIn(world, NORMAL_LANE)[0]?.correlation_id).toBe('order/17');
  });

  it('comes as an attribute of a queue message', async () => {
    await deliver({ correlation_id: 'order/18' });
    expect(heldIn(world, NORMAL_LANE)[0]?.correlation_id).toBe('order/18');
  });

  it.each(['x'.repeat(129), 'with space', 'ünïcode', ''])('is not taken over when it is `%s`', async (id) => {
    await deliver({ correlation_id: id });
    expect(heldIn(world, NORMAL_LANE)[0]).not.toHaveProperty('correlation_id');
  });

  it('is taken over at its full length', async () => {
    await deliver({ correlation_id: '~'.repeat(128) });
    expect(heldIn(world, NORMAL_LANE)[0]?.correlation_id).toBe('~'.repeat(128));
  });

  it('is a new one where none was sent over HTTP: the answer and the logs have the same', async () => {
    const accepted = (await post({ 'x-correlation-id': 'not one' })).headers.get('x-correlation-id');
    expect(accepted).toMatch(/^[\da-f-]{36}$/);
    expect(heldIn(world, NORMAL_LANE)[0]?.correlation_id).toBe(accepted);
    const refused = (await post({}, {})).headers.get('x-correlation-id');
    expect(refused).not.toBe(accepted);
    expect(world.telemetry.events.at(-1)?.fields).toMatchObject({ correlation_id: refused });
    expect((await get('/health')).headers.get('x-correlation-id')).toMatch(/^[\da-f-]{36}$/);
  });

  it.each([
    ['a refusal', () => post({ 'x-correlation-id': 'c-1' }, {})],
    ['nothing there', () => get('/v1/x', { 'x-correlation-id': 'c-1' })],
    ['a reading', () => get('/v1/requests/req_01KG9VHN000123456789ABCDEF', { 'x-correlation-id': 'c-1' })],
    [
      'an error',
      () =>
        createReadApp({
          ...acceptDepsOf(
            world,
            failing(({ port }) => port === 'requests'),
          ),
        }).request('/v1/requests/req_01KG9VHN000123456789ABCDEF', { headers: { 'x-correlation-id': 'c-1' } }),
    ],
  ])('is given back with %s', async (_, ask) => {
    expect((await ask()).headers.get('x-correlation-id')).toBe('c-1');
  });

  it('is, with the request id, in every line about a request, in all functions', async () => {
    await post({ 'x-correlation-id': 'c-1' }, {});
    await deliver({ correlation_id: 'c-1' }, {});
    await post(
      { 'x-correlation-id': 'c-1' },
      { prompt: 'a' },
      failing((effect) => nameOf(effect) === 'requests.create'),
    );
    world.queues.refuse(NORMAL_LANE, () => true);
    await post({ 'x-correlation-id': 'c-1' }, { prompt: 'b' });
    world.queues.refuse(NORMAL_LANE, () => false);
    await post({ 'x-correlation-id': 'c-1' }, { prompt: 'c' });
    await drain(world);
    const about = world.telemetry.events.filter(({ event }) => !/drain|lane_not_read/.test(event));
    expect(about.map(({ event, fields }) => [event, fields.correlation_id])).toEqual([
      ['request_refused', 'c-1'],
      ['request_refused', 'c-1'],
      ['request_not_stored', 'c-1'],
      ['lane_not_reached', 'c-1'],
      ['call_refused', 'c-1'],
      ['request_finished', 'c-1'],
    ]);
    expect(about.slice(2).map(({ fields }) => fields.request_id)).toEqual(
      Array(4).fill(expect.stringMatching(/^req_/)),
    );
  });

  it('of a line about a request without one is the request id', async () => {
    await deliver({});
    await drain(world);
    const finished = world.telemetry.events.find(({ event }) => event === 'request_finished');
    expect(finished?.fields.correlation_id).toBe(world.requests.all()[0]?.requestId);
  });
});
