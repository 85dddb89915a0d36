import type { World } from '../../fakes/world.ts';
import { startDrain } from '../../flows/drain/drains.ts';
import { call, callAnswered, callInVain, createDoorWorld, HELLO } from './door-bench.ts';

const streamed = (door: 'anthropic' | 'openai', fields = {}) => ({
  ...HELLO[door],
  body: { ...HELLO[door].body, stream: true, ...fields },
});

const eventsIn = (text: string): readonly unknown[] =>
  text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const data = event.split('\n').find((line) => line.startsWith('data: '));
      if (data === undefined) return event;
      return data === 'data: [DONE]' ? '[DONE]' : (JSON.parse(data.slice(6)) as unknown);
    });

describe('a stream', () => {
  let world: World;

  beforeEach(() => {
    world = createDoorWorld({ settings: { longest_answer_seconds: 40 } });
  });

  it('of Anthropic’s holds the answer as events, once it is there', async () => {
    const { status, headers, text } = await callAnswered(world, streamed('anthropic'));
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(headers['request-id']).toBe(world.requests.all()[0]?.requestId);
    expect(eventsIn(text)).toMatchObject([
      {
        type: 'message_start',
        message: { content: [], stop_reason: null, usage: { input_tokens: 10, output_tokens: 0 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'answer to hello' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 20 } },
      { type: 'message_stop' },
    ]);
    expect(text).toMatch(/^event: message_start\ndata: /);
  });

  it('of OpenAI’s holds the answer as chunks, with its usage where that is asked for', async () => {
    const { text } = await callAnswered(
      world,
      streamed('openai', { stream_options: { include_usage: true } }),
    );
    expect(eventsIn(text)).toMatchObject([
      {
        object: 'chat.completion.chunk',
        choices: [{ delta: { role: 'assistant', content: 'answer to hello' } }],
      },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage: { total_tokens: 30 } },
      '[DONE]',
    ]);
    expect(eventsIn((await callAnswered(world, streamed('openai'))).text)).toHaveLength(3);
  });

  it.each([
    ['anthropic', { type: 'ping' }, { type: 'error', error: { type: 'timeout_error' } }],
    ['openai', ': waiting', { error: { code: 'not_answered_yet' } }],
  ] as const)('of %s shows signs of life, and ends with what went wrong', async (door, sign, error) => {
    const { status, text } = await callInVain(world, streamed(door));
    expect(status).toBe(200);
    expect(eventsIn(text)).toMatchObject([sign, sign, error]);
    expect(text).toContain(world.requests.all()[0]?.requestId);
  });

  it.each(['anthropic', 'openai'] as const)('of %s is none for what is refused', async (door) => {
    const answer = await call(world, streamed(door, { model: 'none' }));
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/json']);
  });

  it('whose client has gone is canceled', async () => {
    const client = new AbortController();
    const answering = call(world, { ...streamed('openai'), left: client.signal });
    await world.clock.advance(1_000);
    client.abort();
    await world.clock.run(answering);
    expect(world.requests.all()[0]?.status).toBe('canceled');
    await world.clock.run(startDrain(world));
    expect(world.model.calls).toEqual([]);
  });

  it.each(['converse-stream', 'invoke-with-response-stream'])(
    'of Bedrock’s %s has a status of its own: it begins with the answer',
    async (operation) => {
      const path = `/bedrock/model/haiku/${operation}`;
      expect(await callInVain(world, { ...HELLO.bedrock, path })).toMatchObject({
        status: operation === 'converse-stream' ? 408 : 400,
        headers: { 'content-type': 'application/json' },
      });
    },
  );
});
