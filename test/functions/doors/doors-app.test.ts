import { SERVER_ENDS } from '../../../functions/runtime/client-left.ts';
import type { World } from '../../fakes/world.ts';
import { itemOf, startDrain } from '../../flows/drain/drains.ts';
import { acceptPrompts } from '../../flows/submissions.ts';
import { createKeyedWorld, giveKey } from '../keyed-calls.ts';
import { call, callAnswered, callInVain, createDoorWorld, HELLO } from './door-bench.ts';

const DOORS = ['anthropic', 'openai', 'bedrock'] as const;

describe('a call at the door of an SDK', () => {
  let world: World;

  beforeEach(() => {
    world = createDoorWorld({ settings: { longest_answer_seconds: 30 } });
  });

  const requests = () => world.requests.all();

  it('is answered as Anthropic does', async () => {
    const { status, headers, body } = await callAnswered(world, HELLO.anthropic);
    const [request] = requests();
    expect(status).toBe(200);
    expect(headers['request-id']).toBe(request?.requestId);
    expect(body).toEqual({
      id: request?.requestId,
      type: 'message',
      role: 'assistant',
      model: 'model-haiku',
      content: [{ type: 'text', text: 'answer to hello' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        output_tokens: 20,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    });
  });

  it('is answered as OpenAI does', async () => {
    const { status, body } = await callAnswered(world, HELLO.openai);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: requests()[0]?.requestId,
      object: 'chat.completion',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'answer to hello' }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
    });
  });

  it('is answered as Bedrock does', async () => {
    const { status, headers, body } = await callAnswered(world, HELLO.bedrock);
    expect(status).toBe(200);
    expect(headers['x-amzn-requestid']).toBe(requests()[0]?.requestId);
    expect(body).toMatchObject({
      output: { message: { role: 'assistant', content: [{ text: 'answer to hello' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 },
    });
  });

  it('is answered by InvokeModel with what the model said, whatever its body is called', async () => {
    const { status, headers, body } = await callAnswered(world, {
      path: '/bedrock/model/model-haiku/invoke',
      body: { prompt: 'hello', max_tokens: 9 },
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect([status, headers['x-amzn-bedrock-output-token-count']]).toEqual([200, '20']);
    expect(body).toEqual({ message: { role: 'assistant', content: [{ text: 'answer to hello' }] } });
  });

  it('says in its body to Bedrock which betas its header names, and to other families that it cannot', async () => {
    const headers = { 'anthropic-beta': 'one-2026, two-2026' };
    world = createDoorWorld({
      settings: {
        longest_answer_seconds: 1,
        models: {
          haiku: { model_id: 'anthropic.claude-x', quota: { tokens_per_minute: 1_000_000 } },
          nova: { model_id: 'amazon.nova', quota: { tokens_per_minute: 1_000_000 } },
        },
      },
    });
    await callInVain(world, { ...HELLO.anthropic, headers });
    const [lane = '{}'] = world.queues.bodies('hold-haiku-normal-express');
    expect(JSON.parse(lane)).toMatchObject({ invoke_model: { anthropic_beta: ['one-2026', 'two-2026'] } });
    const body = { ...HELLO.anthropic.body, model: 'nova' };
    expect(await call(world, { ...HELLO.anthropic, body, headers })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('anthropic_beta: cannot be said to amazon.nova') } },
    });
  });

  it('is of the priority that its header says', async () => {
    await callAnswered(world, { ...HELLO.openai, headers: { 'x-smoother-priority': 'high' } });
    expect(requests()[0]?.priority).toBe('high');
  });

  it.each([
    ['anthropic', 504, { type: 'error', error: { type: 'timeout_error' } }],
    ['openai', 504, { error: { type: 'server_error', code: 'not_answered_yet' } }],
    ['bedrock', 408, { message: expect.any(String) }],
  ] as const)(
    'that is not answered in time is told so by %s, with its request',
    async (door, status, body) => {
      const answer = await callInVain(world, HELLO[door]);
      expect(answer).toMatchObject({ status, headers: { 'x-should-retry': 'false' }, body });
      expect(answer.text).toContain(requests()[0]?.requestId);
      expect(world.clock.monotonicMs()).toBeGreaterThanOrEqual(30_000);
      expect(requests()[0]?.status).toBe('queued');
    },
  );

  it.each([
    ['anthropic', { 'idempotency-key': 'k' }, 'true'],
    ['openai', { 'idempotency-key': 'k' }, 'true'],
    ['bedrock', { 'amz-sdk-invocation-id': '75ba63ab-7b6a-4d4e-8d5c-0d6c5ad1b5c0' }, 'true'],
  ] as const)(
    'is the same request again at %s, by its key, and paid for once',
    async (door, headers, retry) => {
      const first = await callInVain(world, { ...HELLO[door], headers });
      expect(first.headers['x-should-retry']).toBe(retry);
      const second = await callAnswered(world, { ...HELLO[door], headers });
      expect([second.status, requests().length, world.model.calls.length]).toEqual([200, 1, 1]);
    },
  );

  describe('whose client goes', () => {
    const leave = async (headers: Readonly<Record<string, string>>, reason?: string) => {
      const client = new AbortController();
      const answering = call(world, { ...HELLO.openai, headers, left: client.signal });
      await world.clock.advance(100);
      client.abort(reason);
      await world.clock.run(answering);
      return requests()[0]?.status;
    };

    it('is canceled: nobody could come for its answer', async () => {
      expect(await leave({})).toBe('canceled');
    });

    it('goes on where its key brings somebody back', async () => {
      expect(await leave({ 'idempotency-key': 'k' })).toBe('queued');
    });

    it('goes on where it is the server that ends', async () => {
      expect(await leave({}, SERVER_ENDS)).toBe('queued');
    });
  });

  it('that failed is not to be sent again: the pipeline has tried', async () => {
    world = createDoorWorld({
      model: {
        script: () => ({ kind: 'fault', fault: { name: 'ValidationException', status: 400, message: 'no' } }),
      },
    });
    expect(await callAnswered(world, HELLO.anthropic)).toMatchObject({
      status: 400,
      headers: { 'x-should-retry': 'false', 'request-id': expect.stringMatching(/^req_/) },
      body: { error: { type: 'invalid_request_error' }, request_id: expect.stringMatching(/^req_/) },
    });
  });

  it.each(DOORS)('belongs at %s to the tenant of its key', async (door) => {
    world = createKeyedWorld();
    const key = await giveKey(world, 'alpha');
    const headers: Record<string, string> =
      door === 'anthropic' ? { 'x-api-key': key } : { authorization: `Bearer ${key}` };
    const answering = call(world, { ...HELLO[door], headers });
    await world.clock.advance(100);
    const drained = startDrain(world);
    expect((await world.clock.run(answering)).status).toBe(200);
    await world.clock.run(drained);
    expect(itemOf(world, requests()[0]?.requestId).tenant).toBe('alpha');
  });

  describe('that is refused', () => {
    const HELLO_FULL = { settings: { tenants: { default: { max_waiting: 1 } } } };
    const refusedBy = async (door: (typeof DOORS)[number], what: string) => {
      if (what === 'no key') world = createKeyedWorld();
      if (what === 'too many') {
        world = createDoorWorld(HELLO_FULL);
        await acceptPrompts(world, ['x']);
      }
      const { path, body } = HELLO[door];
      if (what === 'too large') return call(world, { path, body: `"${'x'.repeat(4 * 1024 * 1024)}"` });
      if (what === 'no JSON') return call(world, { path, body: '{' });
      if (what === 'no such call') return call(world, { path: `${path}-not`, body });
      return call(world, { path, body });
    };

    it.each([
      ['anthropic', 'no key', 401, { error: { type: 'authentication_error' } }],
      ['anthropic', 'too many', 429, { error: { type: 'rate_limit_error' } }],
      ['anthropic', 'too large', 413, { error: { type: 'request_too_large' } }],
      ['anthropic', 'no JSON', 400, { error: { type: 'invalid_request_error' } }],
      ['anthropic', 'no such call', 404, { error: { type: 'not_found_error' } }],
      ['openai', 'no key', 401, { error: { code: 'invalid_api_key' } }],
      ['openai', 'too many', 429, { error: { code: 'rate_limit_exceeded' } }],
      ['openai', 'too large', 413, { error: { code: 'request_too_large' } }],
      ['openai', 'no JSON', 400, { error: { type: 'invalid_request_error', code: 'malformed_json' } }],
      ['openai', 'no such call', 404, { error: { type: 'invalid_request_error', code: 'not_found' } }],
      ['bedrock', 'no key', 403, 'AccessDeniedException'],
      ['bedrock', 'too many', 429, 'ThrottlingException'],
      ['bedrock', 'too large', 400, 'ValidationException'],
      ['bedrock', 'no JSON', 400, 'ValidationException'],
      ['bedrock', 'no such call', 404, 'ResourceNotFoundException'],
    ] as const)('says so as %s does: %s', async (door, what, status, expected) => {
      const answer = await refusedBy(door, what);
      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toBe('application/json');
      if (typeof expected === 'string') {
        expect(answer.headers['x-amzn-errortype']).toBe(expected);
        expect(answer.body).toEqual({ message: expect.stringMatching(/\w/) });
      } else expect(answer.body).toMatchObject(expected);
    });

    it('tells when a place will be free', async () => {
      expect((await refusedBy('openai', 'too many')).headers['retry-after']).toBe('5');
    });

    it.each([
      [
        'a parameter that is not carried',
        { ...HELLO.openai, body: { ...HELLO.openai.body, logit_bias: {} } },
        400,
        { error: { param: 'logit_bias', message: expect.stringContaining('logit_bias') } },
      ],
      [
        'a fault deep inside, by its place in what was sent',
        { path: HELLO.bedrock.path, body: { ...HELLO.bedrock.body, inferenceConfig: { topP: 7 } } },
        400,
        { message: expect.stringContaining('inferenceConfig.topP') },
      ],
      [
        'what would not be answered',
        {
          path: HELLO.bedrock.path,
          body: { ...HELLO.bedrock.body, additionalModelResponseFieldPaths: ['/x'] },
        },
        400,
        { message: expect.stringContaining('additionalModelResponseFieldPaths') },
      ],
      [
        'a guardrail that would not be asked',
        {
          path: '/bedrock/model/haiku/invoke',
          body: {},
          headers: { 'x-amzn-bedrock-guardrailidentifier': 'g' },
        },
        400,
        { message: expect.stringContaining('guardrail') },
      ],
      [
        'a model that is not there',
        { ...HELLO.anthropic, body: { ...HELLO.anthropic.body, model: 'haikuu' } },
        404,
        { error: { type: 'not_found_error', message: expect.stringContaining('did you mean `haiku`?') } },
      ],
      [
        'a priority that is none',
        { ...HELLO.openai, headers: { 'x-smoother-priority': 'soon' } },
        400,
        { error: { param: 'priority' } },
      ],
    ])('names %s', async (_, doorCall, status, body) => {
      expect(await call(world, doorCall)).toMatchObject({ status, body });
      expect(requests()).toEqual([]);
    });
  });

  it.each([
    [
      '/anthropic/v1/models',
      { data: [{ type: 'model', id: 'haiku' }, { id: 'model-haiku' }], has_more: false },
    ],
    ['/anthropic/v1/models/model-haiku', { type: 'model', id: 'model-haiku' }],
    [
      '/openai/v1/models',
      { object: 'list', data: [{ id: 'haiku', object: 'model' }, { id: 'model-haiku' }] },
    ],
    ['/openai/v1/models/haiku', { id: 'haiku', object: 'model' }],
  ])('%s tells of models', async (path, body) => {
    expect(await call(world, { method: 'GET', path })).toMatchObject({ status: 200, body });
  });

  it.each(['/anthropic/v1/models/x', '/openai/v1/models/x'])('%s is not there', async (path) => {
    expect((await call(world, { method: 'GET', path })).status).toBe(404);
  });
});
