import {
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
} from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { ask, failureOf, haiku, http1Client, until } from './bedrock-clients.ts';
import { type OpenAiServer, startOpenAiServer } from './openai-server.ts';

let behind: OpenAiServer;
let bedrock: Bedrock;
let client: ReturnType<typeof http1Client>;
beforeEach(async () => {
  behind = await startOpenAiServer();
  const models = { [haiku]: { tokensPerMinute: 100_000, burndown: 5 } };
  const forward = { baseUrl: behind.baseUrl, model: 'small' };
  bedrock = await startBedrock({ port: 0, models, latencyScale: 0, clock: () => 0, forward });
  client = http1Client(bedrock.endpoint);
});
afterEach(async () => {
  client.destroy();
  await bedrock.close();
  await behind.close();
});

const whole = (message: unknown, finish_reason = 'stop') => ({
  kind: 'json' as const,
  status: 200,
  body: {
    choices: [{ index: 0, message, finish_reason }],
    usage: { prompt_tokens: 30, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 10 } },
  },
});

const delta = (value: unknown, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: value, finish_reason }],
});

const usedTokens = () => bedrock.truth().models[haiku]?.settled_tokens;

async function streamed(command: ConverseStreamCommand): Promise<ConverseStreamOutput[]> {
  const events: ConverseStreamOutput[] = [];
  for await (const event of (await client.send(command)).stream ?? []) events.push(event);
  return events;
}

const askStream = (text: string) => {
  const messages = [{ role: 'user' as const, content: [{ text }] }];
  return new ConverseStreamCommand({ modelId: haiku, messages, inferenceConfig: { maxTokens: 100 } });
};

it('lets the server behind answer, and charges what it counted', async () => {
  behind.answer = whole({ role: 'assistant', content: 'Hello!' });
  const answer = await client.send(ask('Good morning', 100));
  expect(answer).toMatchObject({
    output: { message: { role: 'assistant', content: [{ text: 'Hello!' }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 20, cacheReadInputTokens: 10, outputTokens: 20, totalTokens: 50 },
  });
  expect(behind.paths).toEqual(['/v1/chat/completions']);
  expect(behind.requests).toEqual([
    { model: 'small', messages: [{ role: 'user', content: 'Good morning' }], max_tokens: 100, stream: false },
  ]);
  expect(usedTokens()).toBe(20 + 5 * 20);
});

it('translates everything that it can, both ways', async () => {
  behind.answer = whole(
    {
      role: 'assistant',
      content: 'One moment.',
      tool_calls: [{ id: 'c2', type: 'function', function: { name: 'clock', arguments: '{"zone":"UTC"}' } }],
    },
    'tool_calls',
  );
  const input: ConverseCommandInput = {
    modelId: haiku,
    system: [{ text: 'be kind' }, { cachePoint: { type: 'default' } }],
    messages: [
      {
        role: 'user',
        content: [{ text: 'time?' }, { image: { format: 'png', source: { bytes: new Uint8Array(3) } } }],
      },
      {
        role: 'assistant',
        content: [{ toolUse: { toolUseId: 'c1', name: 'clock', input: { zone: 'CET' } } }],
      },
      { role: 'user', content: [{ toolResult: { toolUseId: 'c1', content: [{ json: { hour: 5 } }] } }] },
    ],
    inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    toolConfig: {
      tools: [
        { toolSpec: { name: 'clock', description: 'the time', inputSchema: { json: { type: 'object' } } } },
      ],
      toolChoice: { any: {} },
    },
    outputConfig: {
      textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}' } } },
    },
  };
  const answer = await client.send(new ConverseCommand(input));
  expect(answer).toMatchObject({
    stopReason: 'tool_use',
    output: {
      message: {
        content: [
          { text: 'One moment.' },
          { toolUse: { toolUseId: 'c2', name: 'clock', input: { zone: 'UTC' } } },
        ],
      },
    },
  });
  expect(behind.requests).toEqual([
    {
      model: 'small',
      messages: [
        { role: 'system', content: 'be kind' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'time?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          ],
        },
        {
          role: 'assistant',
          content: '',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'clock', arguments: '{"zone":"CET"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: '{"hour":5}' },
      ],
      max_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      stop: ['END'],
      tools: [
        {
          type: 'function',
          function: { name: 'clock', description: 'the time', parameters: { type: 'object' } },
        },
      ],
      tool_choice: 'required',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
      },
      stream: false,
    },
  ]);
});

it('streams as the server behind streams', async () => {
  behind.answer = {
    kind: 'stream',
    chunks: [
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Good ' }),
      delta({ content: 'day 😀' }),
      delta({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'clock', arguments: '' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{"zone":' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '"UTC"}' } }] }),
      delta({}, 'length'),
      { choices: [], usage: { prompt_tokens: 7, completion_tokens: 9 } },
    ],
  };
  const events = await streamed(askStream('hello'));
  expect(events).toMatchObject([
    { messageStart: { role: 'assistant' } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Good ' } } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'day 😀' } } },
    { contentBlockStop: { contentBlockIndex: 0 } },
    { contentBlockStart: { contentBlockIndex: 1, start: { toolUse: { toolUseId: 'c1', name: 'clock' } } } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '{"zone":' } } } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '"UTC"}' } } } },
    { contentBlockStop: { contentBlockIndex: 1 } },
    { messageStop: { stopReason: 'max_tokens' } },
    { metadata: { usage: { inputTokens: 7, outputTokens: 9 } } },
  ]);
  expect(behind.requests).toMatchObject([{ stream: true, stream_options: { include_usage: true } }]);
  expect(usedTokens()).toBe(7 + 5 * 9);
});

it('counts itself when the server behind does not', async () => {
  behind.answer = { kind: 'stream', chunks: [delta({ content: '12345678' }, 'stop')] };
  expect((await streamed(askStream('1234'))).at(-1)).toMatchObject({
    metadata: { usage: { inputTokens: 1, outputTokens: 2 } },
  });
});

it('stands behind the same quota and the same faults', async () => {
  behind.answer = whole({ content: 'Hello!' });
  const failed = await failureOf(client.send(ask('[[sim:status=503]]')));
  await fetch(`${bedrock.endpoint}/_sim/models/${encodeURIComponent(haiku)}`, {
    method: 'PUT',
    body: '{"tokensPerMinute":0}',
  });
  const refused = await failureOf(client.send(ask('a')));
  expect(refused).toMatchObject({ name: 'ThrottlingException', status: 429 });
  expect(failed).toMatchObject({ name: 'ServiceUnavailableException', status: 503 });
  expect(behind.requests).toEqual([]);
});

it.each([
  [429, 'ThrottlingException', 429],
  [400, 'ValidationException', 400],
  [401, 'ModelErrorException', 424],
  [500, 'ModelErrorException', 424],
  [503, 'ServiceUnavailableException', 503],
  [504, 'ModelTimeoutException', 408],
])('turns status %i of the server behind into %s', async (status, name, expected) => {
  behind.answer = { kind: 'json', status, body: { error: { message: 'broken' } } };
  expect(await failureOf(client.send(ask('a')))).toMatchObject({ name, status: expected });
  expect(bedrock.truth()).toMatchObject({
    faults: 1,
    models: { [haiku]: { held_tokens: 0, settled_tokens: 0 } },
  });
});

it('says that the server behind is not there, or answers with something else', async () => {
  for (const body of ['hello', { hello: 1 }, { error: { message: 'no memory' } }]) {
    behind.answer = { kind: 'json', status: 200, body };
    expect(await failureOf(client.send(ask('a')))).toMatchObject({ name: 'ModelErrorException' });
  }
  await behind.close();
  expect(await failureOf(client.send(ask('a')))).toMatchObject({
    name: 'ServiceUnavailableException',
    status: 503,
  });
});

it('fails within a stream that breaks off', async () => {
  behind.answer = { kind: 'stream', chunks: [delta({ content: 'Good ' })], breaksOff: true };
  expect(await failureOf(streamed(askStream('a')))).toMatchObject({ name: 'ServiceUnavailableException' });
  expect(bedrock.truth()).toMatchObject({ faults: 1, in_flight: 0 });
});

it('fails within a stream that tells of an error', async () => {
  behind.answer = {
    kind: 'stream',
    chunks: [delta({ content: 'Good ' }), { error: { message: 'no memory' } }],
  };
  expect(await failureOf(streamed(askStream('a')))).toMatchObject({
    name: 'ModelStreamErrorException',
    message: expect.stringContaining('no memory'),
  });
});

it('leaves the server behind when its client leaves', async () => {
  const controller = new AbortController();
  const call = failureOf(client.send(ask('a'), { abortSignal: controller.signal }));
  await until(bedrock, ({ in_flight }) => in_flight === 1);
  controller.abort();
  expect(await call).toMatchObject({ name: 'AbortError' });
  await until(bedrock, ({ in_flight }) => in_flight === 0);
  expect(bedrock.truth()).toMatchObject({ aborted: 1 });
});

it('refuses what it cannot do', async () => {
  const directive = await failureOf(client.send(ask('[[sim:text=a]]')));
  const document = { format: 'txt' as const, name: 'a', source: { bytes: new Uint8Array(1) } };
  const content = [{ text: 'a' }, { document }];
  const kind = await failureOf(
    client.send(new ConverseCommand({ modelId: haiku, messages: [{ role: 'user', content }] })),
  );
  const slow = await fetch(`${bedrock.endpoint}/_sim/faults`, {
    method: 'POST',
    body: '{"fault":"slow","factor":2}',
  });
  expect(directive).toMatchObject({
    message: 'The simulator cannot follow text while it forwards to another server',
  });
  expect(kind).toMatchObject({ message: 'The simulator cannot forward content of the kind document' });
  expect(slow.status).toBe(400);
});
