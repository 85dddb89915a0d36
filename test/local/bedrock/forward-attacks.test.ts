import { ConverseStreamCommand, type ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { ask, failureOf, haiku, http1Client } from './bedrock-clients.ts';
import { honest, type RogueServer, startRogueServer, streamOf } from './rogue-server.ts';

let behind: RogueServer;
let elsewhere: RogueServer;
let bedrock: Bedrock;
let client: ReturnType<typeof http1Client>;
const ownErrors: unknown[] = [];
beforeEach(async () => {
  ownErrors.length = 0;
  behind = await startRogueServer();
  elsewhere = await startRogueServer();
  bedrock = await startBedrock({
    port: 0,
    models: { [haiku]: { tokensPerMinute: 100_000, burndown: 5 } },
    latencyScale: 0,
    clock: () => 0,
    forward: { baseUrl: behind.baseUrl, silenceMs: 5_000 },
    onError: (error) => ownErrors.push(error),
  });
  client = http1Client(bedrock.endpoint);
});
afterEach(async () => {
  client.destroy();
  await bedrock.close();
  await behind.close();
  await elsewhere.close();
});

const json = (value: unknown) => honest(200, 'application/json', JSON.stringify(value));
const said = (message: unknown, usage?: unknown) => json({ choices: [{ message }], usage });
const delta = (value: unknown, finish_reason: string | null = null) =>
  JSON.stringify({ choices: [{ index: 0, delta: value, finish_reason }] });

const askStream = new ConverseStreamCommand({
  modelId: haiku,
  messages: [{ role: 'user', content: [{ text: 'hello' }] }],
  inferenceConfig: { maxTokens: 100 },
});

async function streamed(): Promise<ConverseStreamOutput[]> {
  const events: ConverseStreamOutput[] = [];
  for await (const event of (await client.send(askStream)).stream ?? []) events.push(event);
  return events;
}

/** Nothing stays held, and what failed costs no tokens. */
function expectOneFault(): void {
  expect(bedrock.truth()).toMatchObject({
    faults: 1,
    in_flight: 0,
    models: { [haiku]: { held_tokens: 0, settled_tokens: 0, level_tokens: 100_000 } },
  });
  expect(ownErrors).toEqual([]);
}

const okHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const chatText = '{"choices":[{"message":{"content":"hi"}}]}';

it.each([
  ['announces more than it sends', `${okHead}content-length: 9999\r\n\r\n${chatText}`, 503],
  ['announces less than it sends', `${okHead}content-length: 5\r\n\r\n${chatText}`, 424],
  ['speaks another protocol', 'SSH-2.0-OpenSSH\r\n', 503],
  ['says nothing at all', '', 503],
  ['upgrades', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', 503],
  ['answers 204', 'HTTP/1.1 204 No\r\n\r\n', 424],
  ['answers a page', honest(200, 'text/html', '<html>It works!</html>'), 424],
  ['fails with a page', honest(500, 'text/html', '<html>Oh no</html>'), 424],
  ['fails and lies about how long it says so', 'HTTP/1.1 500 X\r\ncontent-length: 99\r\n\r\nabc', 424],
  ['refuses without a body', 'HTTP/1.1 429 X\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n', 429],
  ['answers 999', 'HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n', 424],
  [
    'says gzip and sends none',
    `${okHead}content-encoding: gzip\r\ncontent-length: 42\r\n\r\n${chatText}`,
    503,
  ],
  ['nests 200,000 lists', honest(200, 'application/json', '['.repeat(200_000)), 424],
  ['gives no choice', json({ choices: [] }), 424],
  ['gives null for a choice', json({ choices: [null] }), 424],
  ['gives a choice without a message', json({ choices: [{}] }), 424],
  ['calls a tool without a name', said({ tool_calls: [{ id: 'a', function: { name: null } }] }), 424],
  ['calls nothing as a tool', said({ tool_calls: [{ id: 'a', function: null }] }), 424],
])('a server behind that %s fails the call and nothing else', async (_what, bytes, status) => {
  behind.answer = { bytes };
  expect(await failureOf(client.send(ask('a')))).toMatchObject({ status });
  expectOneFault();
  behind.answer = { bytes: said({ content: 'hi' }) };
  expect(await client.send(ask('a'))).toMatchObject({ output: { message: { content: [{ text: 'hi' }] } } });
});

it.each([301, 302, 303, 307, 308])('sends no prompt to where status %i points', async (status) => {
  elsewhere.answer = { bytes: said({ content: 'stolen' }) };
  const head = `HTTP/1.1 ${status} Moved\r\nlocation: ${elsewhere.baseUrl}/chat/completions\r\n`;
  behind.answer = { bytes: `${head}content-length: 0\r\n\r\n` };
  expect(await failureOf(client.send(ask('a')))).toMatchObject({
    name: 'ModelErrorException',
    message: `The server behind answered ${status}; prompts are not sent elsewhere, so name the right address.`,
  });
  expect(elsewhere.connections()).toBe(0);
  expectOneFault();
});

it.each([
  ['negative', { prompt_tokens: -100, completion_tokens: -5 }],
  ['more than any model reads', { prompt_tokens: 1e300, completion_tokens: 10_000_001 }],
  ['no whole number', { prompt_tokens: 1.5, completion_tokens: '7' }],
  ['not there', {}],
])('counts itself when the use that it is told is %s', async (_what, usage) => {
  behind.answer = { bytes: said({ content: '12345678' }, usage) };
  expect(await client.send(ask('1234'))).toMatchObject({ usage: { inputTokens: 1, outputTokens: 2 } });
  expect(bedrock.truth().models[haiku]).toMatchObject({ settled_tokens: 11, level_tokens: 99_989 });
});

it('never reads more from the cache than there is input', async () => {
  const usage = { prompt_tokens: 7, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } };
  behind.answer = { bytes: said({ content: 'a' }, usage) };
  expect(await client.send(ask('1234'))).toMatchObject({
    usage: { inputTokens: 0, cacheReadInputTokens: 7, outputTokens: 1 },
  });
});

it('takes a text in parts, and arguments that are an object', async () => {
  const call = { id: 'c1', function: { name: 'clock', arguments: { zone: 'UTC' } } };
  const content = [
    { type: 'text', text: 'Good ' },
    { type: 'text', text: 'day' },
  ];
  behind.answer = { bytes: said({ content, tool_calls: [call] }) };
  expect(await client.send(ask('a'))).toMatchObject({
    output: {
      message: {
        content: [
          { text: 'Good day' },
          { toolUse: { toolUseId: 'c1', name: 'clock', input: { zone: 'UTC' } } },
        ],
      },
    },
  });
});

it.each([
  ['sends garbage', streamOf('garbage'), 'ModelErrorException'],
  ['sends bytes that are no text', streamOf('\u0000\u00ff\u00fe'), 'ModelErrorException'],
  ['ends before it says anything', streamOf(), 'ServiceUnavailableException'],
  ['sends a page', honest(200, 'text/html', '<html></html>'), 'ServiceUnavailableException'],
  ['ends in the middle, in order', streamOf(delta({ content: 'Hi' })), 'ServiceUnavailableException'],
  [
    'lies about a chunk',
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'ServiceUnavailableException',
  ],
  [
    'goes back to an earlier tool call',
    streamOf(
      delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'x', arguments: '{' } }] }),
      delta({ tool_calls: [{ index: 1, id: 'b', function: { name: 'y', arguments: '{}' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '}' } }] }),
      '[DONE]',
    ),
    'ModelStreamErrorException',
  ],
])('a stream behind that %s fails the call and nothing else', async (_what, bytes, name) => {
  behind.answer = { bytes };
  expect(await failureOf(streamed())).toMatchObject({ name });
  expectOneFault();
});

it('lets go of an event that does not end', async () => {
  behind.answer = { bytes: `${streamOf()}data: ${'x'.repeat(4_100_000)}`, hangs: true };
  expect(await failureOf(streamed())).toMatchObject({
    message: 'The server behind failed: it sent an event of more than 4000000 characters',
  });
  expectOneFault();
});

it('lets go of an answer of more than 25 MB', async () => {
  behind.answer = { bytes: `${okHead}connection: close\r\n\r\n${' '.repeat(26_000_000)}`, hangs: true };
  expect(await failureOf(client.send(ask('a')))).toMatchObject({
    name: 'ModelErrorException',
    message: expect.stringContaining('more than 25000000 bytes'),
  });
  expectOneFault();
});

it('reads no more of an error than it tells', async () => {
  behind.answer = { bytes: `HTTP/1.1 500 X\r\n\r\n${'x'.repeat(3_000)}`, hangs: true };
  const failure = await failureOf(client.send(ask('a')));
  expect(failure).toMatchObject({ message: `The server behind answered 500: ${'x'.repeat(500)}` });
});

it('says one thing after another when every call has the same index', async () => {
  behind.answer = {
    bytes: streamOf(
      delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'x', arguments: '{"n":1}' } }] }),
      delta(
        { tool_calls: [{ index: 0, id: 'b', function: { name: 'y', arguments: '{"n":2}' } }] },
        'tool_calls',
      ),
    ),
  };
  const starts = (await streamed()).flatMap(
    ({ contentBlockStart }) => contentBlockStart?.start?.toolUse ?? [],
  );
  expect(starts).toEqual([
    { toolUseId: 'a', name: 'x' },
    { toolUseId: 'b', name: 'y' },
  ]);
});

it('streams what the server behind answers whole', async () => {
  behind.answer = { bytes: said({ content: 'Hi' }) };
  expect(await streamed()).toMatchObject([
    { messageStart: { role: 'assistant' } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hi' } } },
    { contentBlockStop: { contentBlockIndex: 0 } },
    { messageStop: { stopReason: 'end_turn' } },
    { metadata: { usage: { outputTokens: 1 } } },
  ]);
});

it('begins also a stream that says nothing', async () => {
  behind.answer = { bytes: streamOf('[DONE]') };
  expect(await streamed()).toMatchObject([
    { messageStart: { role: 'assistant' } },
    { messageStop: { stopReason: 'end_turn' } },
    { metadata: { usage: { outputTokens: 0 } } },
  ]);
});

describe('silence', () => {
  beforeEach(async () => {
    await bedrock.close();
    bedrock = await startBedrock({
      port: 0,
      models: { [haiku]: { tokensPerMinute: 100_000, burndown: 5 } },
      latencyScale: 0,
      clock: () => 0,
      forward: { baseUrl: behind.baseUrl, silenceMs: 50 },
    });
    client.destroy();
    client = http1Client(bedrock.endpoint);
  });

  it.each([
    ['from the start', ''],
    ['after its head', `${okHead}content-length: 42\r\n\r\n`],
    ['in the middle of its answer', `${okHead}content-length: 42\r\n\r\n{"choices"`],
  ])('%s becomes a ModelTimeoutException', async (_when, bytes) => {
    behind.answer = { bytes, hangs: true };
    expect(await failureOf(client.send(ask('a')))).toEqual({
      name: 'ModelTimeoutException',
      message: 'The server behind has been silent for too long.',
      status: 408,
    });
    expectOneFault();
  });

  it('in the middle of a stream ends it with an error', async () => {
    behind.answer = { bytes: streamOf(delta({ content: 'Hi' })), hangs: true };
    expect(await failureOf(streamed())).toMatchObject({
      message: 'The server behind has been silent for too long.',
    });
    expectOneFault();
  });
});
