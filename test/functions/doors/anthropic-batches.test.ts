import type { World } from '../../fakes/world.ts';
import { splitAll } from '../../flows/batches/batches.ts';
import { drain } from '../../flows/drain/drains.ts';
import { createKeyedWorld, giveKey } from '../keyed-calls.ts';
import { call, createDoorWorld, type DoorCall } from './door-bench.ts';

const PATH = '/anthropic/v1/messages/batches';

const request = (id: string, text: string) => ({
  custom_id: id,
  params: { model: 'haiku', max_tokens: 50, messages: [{ role: 'user', content: text }] },
});

describe('a batch of Anthropic’s', () => {
  let world: World;

  beforeEach(() => {
    world = createDoorWorld({
      model: {
        script: ({ prompt }) =>
          prompt === 'bad'
            ? { kind: 'fault', fault: { name: 'ValidationException', status: 400, message: 'not this' } }
            : undefined,
      },
    });
  });

  const ask = (path: string, fields: Partial<DoorCall> = {}) =>
    world.clock.run(call(world, { path: `${PATH}${path}`, ...fields }));

  const created = async (headers = {}): Promise<string> => {
    const body = { requests: [request('a', 'one'), request('b', 'bad'), request('c', 'two')] };
    const answer = await ask('', { body, headers });
    expect(answer.status).toBe(200);
    return String(answer.body.id);
  };

  const ended = async (): Promise<string> => {
    const id = await created();
    await splitAll(world);
    await drain(world);
    return id;
  };

  const read = (id: string) => ask(`/${id}`, { method: 'GET' });

  it('is told as one that is being processed, in numbers that sum up', async () => {
    const id = await created();
    expect(id).toMatch(/^msgbatch_[0-9A-Z]{26}$/);
    expect((await read(id)).body).toEqual({
      id,
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { processing: 3, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      created_at: '2026-01-31T12:00:00.000Z',
      expires_at: '2026-02-05T12:00:00.000Z',
      ended_at: null,
      cancel_initiated_at: null,
      archived_at: null,
      results_url: null,
    });
  });

  it('ends, and tells how by a URL of its own', async () => {
    const id = await ended();
    const { body } = await read(id);
    expect(body).toMatchObject({
      processing_status: 'ended',
      request_counts: { processing: 0, succeeded: 2, errored: 1, canceled: 0, expired: 0 },
      results_url: `http://localhost${PATH}/${id}/results`,
    });
    const { text, headers } = await ask(`/${id}/results`, { method: 'GET' });
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(headers['content-type']).toBe('application/x-jsonl');
    expect(lines).toMatchObject([
      {
        custom_id: 'a',
        result: { type: 'succeeded', message: { content: [{ type: 'text', text: 'answer to one' }] } },
      },
      {
        custom_id: 'b',
        result: {
          type: 'errored',
          error: {
            type: 'error',
            error: { type: 'invalid_request_error', message: expect.stringContaining('not this') },
          },
        },
      },
      { custom_id: 'c', result: { type: 'succeeded' } },
    ]);
  });

  it('is canceled, and its requests with it', async () => {
    const id = await created();
    expect((await ask(`/${id}/cancel`)).body).toMatchObject({ id, processing_status: 'canceling' });
    await splitAll(world);
    await drain(world);
    expect((await read(id)).body).toMatchObject({
      processing_status: 'ended',
      request_counts: { canceled: 3 },
      cancel_initiated_at: '2026-01-31T12:00:00.000Z',
    });
  });

  it('is deleted once it has ended, and not before', async () => {
    const unfinished = await created();
    expect(await ask(`/${unfinished}`, { method: 'DELETE' })).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', message: expect.stringContaining('has not ended') } },
    });
    await splitAll(world);
    await drain(world);
    expect(await ask(`/${unfinished}`, { method: 'DELETE' })).toMatchObject({
      status: 200,
      body: { id: unfinished, type: 'message_batch_deleted' },
    });
    expect((await read(unfinished)).status).toBe(404);
    expect((await ask('', { method: 'GET' })).body).toMatchObject({ data: [] });
  });

  it('is the same batch again by its key', async () => {
    const headers = { 'idempotency-key': 'k' };
    expect(await created(headers)).toBe(await created(headers));
    expect(world.batches.all()).toHaveLength(1);
  });

  it('stands in a list, newest first, that goes on after any of its entries', async () => {
    const ids: string[] = [];
    for (let made = 0; made < 3; made++) {
      ids.unshift(await created());
      await world.clock.advance(1000);
    }
    const page = await ask('?limit=2', { method: 'GET' });
    expect(page.body).toMatchObject({
      data: [{ id: ids[0] }, { id: ids[1] }],
      has_more: true,
      first_id: ids[0],
      last_id: ids[1],
    });
    expect((await ask(`?limit=2&after_id=${ids[1]}`, { method: 'GET' })).body).toMatchObject({
      data: [{ id: ids[2] }],
      has_more: false,
    });
  });

  it.each([
    ['?before_id=x', 'before_id'],
    ['?limit=0', 'limit'],
    ['?page=2', 'page'],
  ])('is not listed by %s', async (query, named) => {
    expect(await ask(query, { method: 'GET' })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining(named) } },
    });
  });

  it.each([
    ['what is no list', { requests: 1 }, 'requests: must be a list'],
    ['a request without an id', { requests: [{ params: request('x', 'x').params }] }, 'requests.0.custom_id'],
    ['another field', { requests: [{ ...request('a', 'x'), priority: 1 }] }, 'requests.0.priority'],
    [
      'no model that there is',
      { requests: [{ custom_id: 'a', params: { model: 'x' } }] },
      '`x` is not configured',
    ],
    ['two of one id', { requests: [request('a', 'x'), request('a', 'y')] }, 'requests.1.custom_id'],
    [
      'too many tokens',
      { requests: [{ custom_id: 'a', params: { ...request('a', 'x').params, max_tokens: 1e6 } }] },
      'requests.0.inferenceConfig.maxTokens',
    ],
  ])('is refused with %s, and says where', async (_, body, place) => {
    const answer = await ask('', { body });
    expect([400, 404]).toContain(answer.status);
    expect(JSON.stringify(answer.body)).toContain(place);
    expect(world.batches.all()).toEqual([]);
  });

  it('is another’s, and then it does not exist', async () => {
    world = createKeyedWorld();
    const [own, other] = [await giveKey(world, 'alpha'), await giveKey(world, 'beta')];
    const id = await created({ 'x-api-key': own });
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/results'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const)
      expect((await ask(`/${id}${path}`, { method, headers: { 'x-api-key': other } })).status).toBe(404);
    expect((await ask(`?after_id=${id}`, { method: 'GET', headers: { 'x-api-key': other } })).status).toBe(
      404,
    );
  });

  it.each(['x', 'msgbatch_0', 'msgbatch_00000000000000000000000000'])('%s is not there', async (id) => {
    expect((await read(id)).status).toBe(404);
  });
});
