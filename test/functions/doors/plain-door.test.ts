import type { World } from '../../fakes/world.ts';
import { startDrain } from '../../flows/drain/drains.ts';
import { acceptPrompts } from '../../flows/submissions.ts';
import { bearer, createKeyedWorld, giveKey } from '../keyed-calls.ts';
import { call, callAnswered, callInVain, createDoorWorld } from './door-bench.ts';

describe('the doors of simple services', () => {
  let world: World;

  beforeEach(() => {
    world = createDoorWorld({ settings: { chat_wait_seconds: 10, longest_answer_seconds: 60 } });
  });

  it.each(['/chat', '/generate', '/ai/ask'])('%s answers at once where the turn comes soon', async (path) => {
    const { status, body } = await callAnswered(world, { path, body: { prompt: 'hello' } });
    const id = world.requests.all()[0]?.requestId;
    expect([status, body]).toEqual([
      200,
      {
        id,
        request_id: id,
        model: 'model-haiku',
        content: 'answer to hello',
        usage: { input_tokens: 10, output_tokens: 20, cache_read_tokens: 0, cache_write_tokens: 0 },
        latency_ms: expect.any(Number),
      },
    ]);
  });

  it('takes messages as chats have them, also those of a system', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hello' },
    ];
    const body = { messages, temperature: 0.5, max_tokens: 7 };
    expect((await callAnswered(world, { path: '/chat', body })).status).toBe(200);
    expect(world.model.calls[0]?.request).toMatchObject({
      converse: {
        system: [{ text: 'Be brief.' }],
        messages: [{ role: 'user', content: [{ text: 'hello' }] }],
        inferenceConfig: { temperature: 0.5, maxTokens: 7 },
      },
    });
  });

  it('tells where the answer will be when it takes longer', async () => {
    const { status, headers, body } = await callInVain(world, { path: '/chat', body: { prompt: 'hello' } });
    const id = world.requests.all()[0]?.requestId;
    expect(status).toBe(202);
    expect(headers).toMatchObject({ location: `/v1/requests/${id}`, 'retry-after': expect.any(String) });
    expect(body).toMatchObject({ request_id: id, status: 'queued', poll: `/v1/requests/${id}` });
    expect(world.clock.monotonicMs()).toBeLessThan(11_000);
  });

  it.each([
    ['nothing to ask', {}, 422],
    ['no JSON', '{', 400],
    ['a list', [], 422],
  ])('refuses %s in our own words', async (_, body, status) => {
    expect(await call(world, { path: '/chat', body })).toMatchObject({
      status,
      headers: { 'content-type': 'application/problem+json' },
    });
  });

  it('lets pages of the configured origins ask', async () => {
    world = createDoorWorld({ settings: { cors_origins: ['https://app.example.com'] } });
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };
    const { status, headers: answered } = await call(world, { method: 'OPTIONS', path: '/chat', headers });
    expect([status, answered['access-control-allow-origin']]).toEqual([204, 'https://app.example.com']);
  });

  describe('events of a request', () => {
    const typesIn = (text: string): readonly string[] =>
      [...text.matchAll(/^(?:event: (\w+)|: (\w+))$/gm)].map(([, type, comment]) => type ?? `:${comment}`);

    it('tell how far it is, and end with its result', async () => {
      const [id] = await acceptPrompts(world, ['hello']);
      const following = call(world, { method: 'GET', path: `/v1/requests/${id}/events` });
      await world.clock.advance(100);
      const drained = startDrain(world);
      const { headers, text } = await world.clock.run(following);
      await world.clock.run(drained);
      expect(headers['content-type']).toBe('text/event-stream');
      expect(typesIn(text).at(0)).toBe('progress');
      expect(typesIn(text).at(-1)).toBe('result');
      expect(text).toContain('"content":"answer to hello"');
    });

    it('show signs of life while nothing moves, for as long as calls are kept open', async () => {
      const [id] = await acceptPrompts(world, ['hello']);
      const { text } = await callInVain(world, { method: 'GET', path: `/v1/requests/${id}/events` });
      expect(new Set(typesIn(text))).toEqual(new Set(['progress', ':waiting']));
      expect(world.clock.monotonicMs()).toBeGreaterThanOrEqual(60_000);
    });

    it('are not there for others, nor for what is no request', async () => {
      world = createKeyedWorld();
      const headers = bearer(await giveKey(world, 'beta'));
      const [id] = await acceptPrompts(world, ['hello']);
      for (const path of [`/v1/requests/${id}/events`, '/v1/requests/x/events'])
        expect(await call(world, { method: 'GET', path, headers })).toMatchObject({
          status: 404,
          headers: { 'content-type': 'application/problem+json' },
        });
    });
  });
});
