import {
  CountTokensCommand,
  type CountTokensCommandInput,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { ask, failureOf, haiku, http1Client } from './bedrock-clients.ts';

let bedrock: Bedrock;
let client: ReturnType<typeof http1Client>;
beforeEach(async () => {
  const models = { [haiku]: { tokensPerMinute: 4_000, burndown: 5 } };
  bedrock = await startBedrock({ port: 0, models, latencyScale: 0, clock: () => 0 });
  client = http1Client(bedrock.endpoint);
});
afterEach(() => {
  client.destroy();
  return bedrock.close();
});

const messagesBody = (more: object = {}) => ({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Good morning [[sim:text=Hello]]' }],
  ...more,
});

const invoke = (body: unknown, more: object = {}) =>
  client.send(
    new InvokeModelCommand({
      modelId: haiku,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...more,
    }),
  );

it('answers in the shape of the Messages API', async () => {
  const answer = await invoke(messagesBody(), { serviceTier: 'flex' });
  expect(answer).toMatchObject({ contentType: 'application/json', serviceTier: 'flex' });
  expect(JSON.parse(answer.body.transformToString())).toEqual({
    id: expect.stringMatching(/^msg_bdrk_[0-9a-f]{32}$/),
    type: 'message',
    role: 'assistant',
    model: haiku,
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 8,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 2,
    },
  });
});

it('tells the use in headers, too', async () => {
  const response = await fetch(`${bedrock.endpoint}/model/${haiku}/invoke`, {
    method: 'POST',
    body: JSON.stringify(messagesBody()),
  });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-amzn-bedrock-input-token-count': '8',
    'x-amzn-bedrock-output-token-count': '2',
    'x-amzn-bedrock-cache-read-input-token-count': '0',
    'x-amzn-bedrock-cache-write-input-token-count': '0',
    'x-amzn-bedrock-invocation-latency': '0',
  });
});

it('tells what it wrote into the cache and read from it in headers, and charges only what it wrote', async () => {
  const system = [{ type: 'text', text: 'x'.repeat(4 * 1_024), cache_control: { type: 'ephemeral' } }];
  const counts = async () => {
    const response = await fetch(`${bedrock.endpoint}/model/${haiku}/invoke`, {
      method: 'POST',
      body: JSON.stringify(messagesBody({ system })),
    });
    const kinds = ['input', 'cache-write-input', 'cache-read-input', 'output'];
    return kinds.map((kind) => response.headers.get(`x-amzn-bedrock-${kind}-token-count`));
  };
  expect(await counts()).toEqual(['8', '1024', '0', '2']);
  expect(bedrock.truth().models[haiku]).toMatchObject({ settled_tokens: 8 + 1_024 + 5 * 2 });
  expect(await counts()).toEqual(['8', '0', '1024', '2']);
  expect(bedrock.truth().models[haiku]).toMatchObject({ settled_tokens: 8 + 1_024 + 5 * 2 + 8 + 5 * 2 });
});

it('calls tools, stops at sequences and takes every kind of content it knows', async () => {
  const tools = [{ name: 'clock', input_schema: { type: 'object' } }];
  const content = [
    { type: 'text', text: 'what time?' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
  ];
  const called = await invoke(
    messagesBody({ messages: [{ role: 'user', content }], tools, tool_choice: { type: 'any' } }),
  );
  const stopped = await invoke(messagesBody({ stop_sequences: ['lo'], system: 'be kind' }));
  expect(JSON.parse(called.body.transformToString())).toMatchObject({
    content: [{ type: 'tool_use', id: expect.stringMatching(/^tooluse_/), name: 'clock', input: {} }],
    stop_reason: 'tool_use',
    usage: { input_tokens: 1_600 + 29 },
  });
  expect(JSON.parse(stopped.body.transformToString())).toMatchObject({
    content: [{ type: 'text', text: 'Hel' }],
    stop_reason: 'stop_sequence',
    stop_sequence: 'lo',
  });
});

it.each([
  ['', 'the body is not a JSON object'],
  [{ inputText: 'titan' }, '#: extraneous key [inputText] is not permitted'],
  [{ prompt: 'llama', max_gen_len: 5 }, '#: extraneous key [prompt] is not permitted'],
  [{ messages: [] }, '#: required key [max_tokens] not found'],
  [{ messages: [], max_tokens: 5 }, '#: required key [anthropic_version] not found'],
  [messagesBody({ anthropic_version: '1' }), '#/anthropic_version: must be bedrock-2023-05-31'],
  [messagesBody({ messages: 'hello' }), '#/messages: expected type: JSONArray'],
  [
    messagesBody({ messages: [{ role: 'user', content: [{ type: 'x' }] }] }),
    '#/messages/0/content: expected',
  ],
  [messagesBody({ max_tokens: 'many' }), 'inferenceConfig.maxTokens must be a number'],
])('refuses the body %j', async (body, message) => {
  const failure = await failureOf(invoke(body));
  expect(failure).toMatchObject({
    name: 'ValidationException',
    status: 400,
    message: expect.stringContaining(`Malformed input request: ${message}`),
  });
  expect(bedrock.truth()).toMatchObject({ calls: 1, invalid: 1 });
});

it('shares its quota with Converse', async () => {
  await client.send(ask('[[sim:output_tokens=790]]', 800));
  const refused = await failureOf(invoke(messagesBody()));
  expect(refused).toMatchObject({ name: 'ThrottlingException', status: 429 });
});

describe('CountTokens', () => {
  const count = (input: CountTokensCommandInput['input']) =>
    client.send(new CountTokensCommand({ modelId: haiku, input }));

  it('counts as Converse and InvokeModel do, and costs nothing', async () => {
    const messages = [{ role: 'user' as const, content: [{ text: 'Good morning [[sim:text=Hello]]' }] }];
    const body = Buffer.from(JSON.stringify(messagesBody()));
    expect(await count({ converse: { messages } })).toMatchObject({ inputTokens: 8 });
    expect(await count({ invokeModel: { body } })).toMatchObject({ inputTokens: 8 });
    expect(bedrock.truth()).toMatchObject({ calls: 0, models: { [haiku]: { level_tokens: 4_000 } } });
  });

  it('refuses what Converse would refuse', async () => {
    const failures = [
      await failureOf(count({ converse: { messages: [] } })),
      await failureOf(count({ invokeModel: { body: Buffer.from('{}') } })),
      await failureOf(client.send(new CountTokensCommand({ modelId: 'nope', input: { converse: {} } }))),
    ];
    for (const failure of failures)
      expect(failure).toMatchObject({ name: 'ValidationException', status: 400 });
  });
});
