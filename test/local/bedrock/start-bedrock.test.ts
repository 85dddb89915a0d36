import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { ConverseCommand, ListAsyncInvokesCommand } from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, type BedrockOptions, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { ask, failureOf, haiku, http1Client, http2Client, until } from './bedrock-clients.ts';

const running: Bedrock[] = [];

async function start(options: Partial<BedrockOptions> = {}): Promise<Bedrock> {
  const models = { [haiku]: { tokensPerMinute: 1_000_000, burndown: 5 } };
  const bedrock = await startBedrock({ port: 0, models, latencyScale: 0, ...options });
  running.push(bedrock);
  return bedrock;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((bedrock) => bedrock.close()));
});

const textOf = (output: {
  output?: { message?: { content?: { text?: string }[] | undefined } } | undefined;
}) => output.output?.message?.content?.[0]?.text ?? '';

describe.each([
  ['the default client over HTTP/2', http2Client],
  ['NodeHttpHandler over HTTP/1.1', http1Client],
])('%s', (_name, createClient) => {
  let bedrock: Bedrock;
  let client: BedrockRuntimeClient;

  beforeEach(async () => {
    bedrock = await start();
    client = createClient(bedrock.endpoint);
  });
  afterEach(() => client.destroy());

  it('answers in the shape of Converse', async () => {
    const output = await client.send(ask('Four byte words. [[sim:output_tokens=30]]', 50));
    expect(output).toMatchObject({
      stopReason: 'end_turn',
      usage: { inputTokens: 11, outputTokens: 30, totalTokens: 41 },
      metrics: { latencyMs: 0 },
      output: { message: { role: 'assistant' } },
    });
    expect(textOf(output)).toHaveLength(120);
    expect(output.$metadata).toMatchObject({
      httpStatusCode: 200,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('gives each of 20 parallel calls its own answer', async () => {
    const outputs = await Promise.all(
      Array.from({ length: 20 }, (_, index) => client.send(ask(`call ${index};`))),
    );
    for (const [index, output] of outputs.entries()) expect(textOf(output)).toMatch(`echo: call ${index};`);
    expect(bedrock.truth()).toMatchObject({ calls: 20, admitted: 20, answered: 20, in_flight: 0 });
  });

  it('charges a call whose client leaves for what was produced by then', async () => {
    let nowMs = 5_000;
    const slow = await start({ clock: () => nowMs });
    const leaving = createClient(slow.endpoint);
    const controller = new AbortController();
    const call = leaving.send(ask('[[sim:delay_ms=600000]][[sim:output_tokens=40]]', 100), {
      abortSignal: controller.signal,
    });
    const failure = failureOf(call);
    await until(slow, ({ in_flight }) => in_flight === 1);
    // 47 bytes are 12 tokens.
    expect(slow.truth().models[haiku]).toMatchObject({ held_tokens: 112, level_tokens: 999_888 });
    expect(slow.truth({ calls: true }).recent_calls).toMatchObject([{ at_ms: 5_000, ended_at_ms: null }]);
    nowMs += 300_000;
    controller.abort();
    expect(await failure).toMatchObject({ name: 'AbortError' });
    await until(slow, ({ in_flight }) => in_flight === 0);
    const truth = slow.truth({ calls: true });
    expect(truth).toMatchObject({ admitted: 1, aborted: 1, answered: 0 });
    expect(truth.models[haiku]).toMatchObject({ held_tokens: 0, settled_tokens: 12 + 5 * 20 });
    expect(truth.recent_calls).toMatchObject([
      { at_ms: 5_000, ended_at_ms: 305_000, status: 499, output_tokens: 20 },
    ]);
    leaving.destroy();
  });

  it('reports a throttled call as a ThrottlingException', async () => {
    const tiny = await start({ models: { [haiku]: { tokensPerMinute: 100, burndown: 1 } }, clock: () => 0 });
    const throttled = createClient(tiny.endpoint);
    await throttled.send(ask('[[sim:output_tokens=90]]', 90));
    const refused = failureOf(throttled.send(ask('again', 10)));
    expect(await refused).toEqual({
      name: 'ThrottlingException',
      message: 'Too many tokens, please wait before trying again.',
      status: 429,
    });
    expect(tiny.truth()).toMatchObject({ calls: 2, admitted: 1, refused: 1 });
    throttled.destroy();
  });

  it('does not pretend to have other operations', async () => {
    const failure = await failureOf(client.send(new ListAsyncInvokesCommand({})));
    expect(failure).toMatchObject({ name: 'UnknownOperationException', status: 404 });
    expect(bedrock.truth().calls).toBe(0);
  });

  it('takes the ARN of a profile and shares its quota with the id', async () => {
    const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${haiku}`;
    await client.send(ask('hello', 100, arn));
    expect(bedrock.truth().models[haiku]?.admitted).toBe(1);
  });
});

describe('a fault by directive', () => {
  it.each([
    [403, 'AccessDeniedException'],
    [408, 'ModelTimeoutException'],
    [424, 'ModelErrorException'],
    [500, 'InternalServerException'],
    [503, 'ServiceUnavailableException'],
  ])('%i is %s and costs no tokens', async (status, name) => {
    const bedrock = await start();
    const client = http1Client(bedrock.endpoint);
    const failure = await failureOf(client.send(ask(`[[sim:status=${status}]]`)));
    expect(failure).toMatchObject({ name, status });
    expect(bedrock.truth().models[haiku]).toMatchObject({
      held_tokens: 0,
      settled_tokens: 0,
      level_tokens: 1_000_000,
    });
    client.destroy();
  });

  it('ends after the given times, for each text by itself', async () => {
    const bedrock = await start();
    const client = http1Client(bedrock.endpoint);
    const statuses: unknown[] = [];
    for (const text of ['a', 'a', 'b', 'a', 'b', 'b']) {
      await failureOf(client.send(ask(`${text} [[sim:status=503,times=2]]`)));
    }
    for (const call of bedrock.truth({ calls: true }).recent_calls ?? []) statuses.push(call.status);
    expect(statuses).toEqual([503, 503, 503, 200, 503, 200]);
    client.destroy();
  });
});

describe('validation', () => {
  const user = { role: 'user' as const, content: [{ text: 'hello' }] };
  it.each([
    [
      'an unknown model',
      { modelId: 'nope', messages: [user] },
      /^The provided model identifier is invalid\.$/,
    ],
    ['no messages', { modelId: haiku }, /must start with a user message/],
    [
      'too many tokens',
      { modelId: haiku, messages: [user], inferenceConfig: { maxTokens: 64_001 } },
      /limit of 64000/,
    ],
  ])('of %s is a ValidationException', async (_what, input, message) => {
    const bedrock = await start();
    const client = http2Client(bedrock.endpoint);
    const failure = await failureOf(client.send(new ConverseCommand(input)));
    expect(failure).toEqual({
      name: 'ValidationException',
      status: 400,
      message: expect.stringMatching(message),
    });
    expect(bedrock.truth()).toMatchObject({ calls: 1, invalid: 1, admitted: 0 });
    client.destroy();
  });
});

describe('the server', () => {
  it('rejects with the original error when the port is in use', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('names every fault of its models', async () => {
    const models = { one: { tokensPerMinute: -1, burndown: 0 } };
    await expect(start({ models })).rejects.toThrow(/burndown must be .*tokensPerMinute must be /);
  });

  it('ends calls in flight when it closes', async () => {
    const bedrock = await start();
    const client = http1Client(bedrock.endpoint);
    const failure = failureOf(client.send(ask('[[sim:delay_ms=600000]]')));
    await until(bedrock, ({ in_flight }) => in_flight === 1);
    await bedrock.close();
    expect(await failure).toMatchObject({ status: undefined });
    client.destroy();
  });

  it('answers the same request the same way in another process with the same seed', async () => {
    const [first, second, other] = await Promise.all([
      start({ seed: 7 }),
      start({ seed: 7 }),
      start({ seed: 8 }),
    ]);
    const texts = await Promise.all(
      [first, second, other].map(async ({ endpoint }) => {
        const client = http1Client(endpoint);
        const text = textOf(await client.send(ask('hello', 1_000)));
        client.destroy();
        return text;
      }),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toBe(texts[2]);
  });
});
