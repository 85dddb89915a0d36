import {
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { eventMessage } from '../../../local/bedrock/wire/event-stream.ts';
import { failureOf, haiku, http1Client, http2Client, until } from './bedrock-clients.ts';

let bedrock: Bedrock;
beforeEach(async () => {
  const models = { [haiku]: { tokensPerMinute: 1_000_000, burndown: 5 } };
  bedrock = await startBedrock({ port: 0, models, latencyScale: 0 });
});
afterEach(() => bedrock.close());

function askStream(text: string, more: Partial<ConverseStreamCommandInput> = {}): ConverseStreamCommand {
  const messages = [{ role: 'user' as const, content: [{ text }] }];
  return new ConverseStreamCommand({
    modelId: haiku,
    messages,
    inferenceConfig: { maxTokens: 100 },
    ...more,
  });
}

async function collect<Event>(
  stream: AsyncIterable<Event> | undefined,
  into: Event[] = [],
): Promise<Event[]> {
  for await (const event of stream ?? []) into.push(event);
  return into;
}

const textOf = (events: readonly ConverseStreamOutput[]) =>
  events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join('');

const kindsOf = (events: readonly object[]) => [...new Set(events.flatMap((event) => Object.keys(event)))];

it('frames a message as the specification says', () => {
  const message = Buffer.from(eventMessage('a', {}));
  expect(message.toString('hex')).toBe(
    '0000005900000047' +
      'b899a6e0' +
      '0b3a6576656e742d7479706507000161' +
      '0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e' +
      '0d3a6d6573736167652d747970650700056576656e74' +
      '7b7d' +
      'bb1893b7',
  );
});

describe.each([
  ['the default client over HTTP/2', http2Client],
  ['NodeHttpHandler over HTTP/1.1', http1Client],
])('ConverseStream with %s', (_name, createClient) => {
  let client: ReturnType<typeof createClient>;
  beforeEach(() => {
    client = createClient(bedrock.endpoint);
  });
  afterEach(() => client.destroy());

  it('sends the events of an answer in their order', async () => {
    const { stream } = await client.send(askStream('hello 😀 [[sim:output_tokens=30]]'));
    const events = await collect(stream);
    expect(kindsOf(events)).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
    expect(events[0]).toEqual({ messageStart: { role: 'assistant' } });
    expect(events.filter((event) => event.contentBlockDelta !== undefined)).toHaveLength(8);
    expect(textOf(events)).toMatch(/^echo: hello 😀 \[\[sim:output_tokens=30\]\]\n/);
    expect(Buffer.byteLength(textOf(events))).toBe(120);
    expect(events.at(-2)).toMatchObject({ messageStop: { stopReason: 'end_turn' } });
    expect(events.at(-1)).toMatchObject({
      metadata: { usage: { inputTokens: 9, outputTokens: 30, totalTokens: 39 }, metrics: { latencyMs: 0 } },
    });
    expect(bedrock.truth().models[haiku]).toMatchObject({ answered: 1, held_tokens: 0, settled_tokens: 159 });
  });

  it('sends a tool call as its start and pieces of its input', async () => {
    const toolSpec = { name: 'weather', inputSchema: { json: { type: 'object' } } };
    const text = '[[sim:tool=weather {"city":"Rome","days":3}]]';
    const { stream } = await client.send(askStream(text, { toolConfig: { tools: [{ toolSpec }] } }));
    const events = await collect(stream);
    const input = events.map((event) => event.contentBlockDelta?.delta?.toolUse?.input ?? '').join('');
    expect(kindsOf(events).slice(0, 3)).toEqual(['messageStart', 'contentBlockStart', 'contentBlockDelta']);
    expect(events[1]).toEqual({
      contentBlockStart: {
        contentBlockIndex: 0,
        start: { toolUse: { name: 'weather', toolUseId: expect.stringMatching(/^tooluse_\w{22}$/) } },
      },
    });
    expect(JSON.parse(input)).toEqual({ city: 'Rome', days: 3 });
    expect(events.at(-2)).toMatchObject({ messageStop: { stopReason: 'tool_use' } });
  });

  it.each([
    ['stream_throttling', 'ThrottlingException', 429],
    ['stream_model_error', 'ModelStreamErrorException', 424],
    ['stream_internal', 'InternalServerException', 500],
    ['stream_unavailable', 'ServiceUnavailableException', 503],
    ['stream_validation', 'ValidationException', 400],
  ])('fails in the middle of an answer by %s', async (fault, name, status) => {
    const { stream } = await client.send(askStream(`[[sim:fault=${fault}]][[sim:output_tokens=40]]`));
    const events: ConverseStreamOutput[] = [];
    const failure = await failureOf(collect(stream, events));
    expect(failure).toMatchObject({ name });
    expect(kindsOf(events)).toEqual(['messageStart', 'contentBlockDelta']);
    expect(textOf(events)).toHaveLength(80);
    const truth = bedrock.truth({ calls: true });
    expect(truth).toMatchObject({ faults: 1, recent_calls: [{ status }] });
    expect(truth.models[haiku]).toMatchObject({ held_tokens: 0, settled_tokens: 0 });
  });

  it('is cut in the middle and charged for what was produced', async () => {
    const { stream } = await client.send(askStream('[[sim:fault=cut]][[sim:output_tokens=40]]'));
    const events: ConverseStreamOutput[] = [];
    const failure = await failureOf(collect(stream, events));
    expect(failure).not.toMatchObject({ message: 'the call was answered' });
    expect(kindsOf(events)).not.toContain('messageStop');
    const truth = bedrock.truth({ calls: true });
    expect(truth).toMatchObject({ faults: 1, recent_calls: [{ status: 0, output_tokens: 20 }] });
    expect(truth.models[haiku]).toMatchObject({ held_tokens: 0, settled_tokens: 11 + 5 * 20 });
  });

  it('ends with bytes that are no event', async () => {
    const { stream } = await client.send(askStream('[[sim:fault=garbage]][[sim:output_tokens=40]]'));
    const failure = await failureOf(collect(stream));
    expect(failure).not.toMatchObject({ message: 'the call was answered' });
    expect(bedrock.truth()).toMatchObject({ faults: 1 });
  });

  it('is refused and fails before its start as any call', async () => {
    const refused = await failureOf(client.send(askStream('[[sim:status=429]]')));
    const failed = await failureOf(client.send(askStream('[[sim:status=503]]')));
    expect(refused).toMatchObject({ name: 'ThrottlingException', status: 429 });
    expect(failed).toMatchObject({ name: 'ServiceUnavailableException', status: 503 });
  });

  it('charges a client that leaves for what was produced by then', async () => {
    let nowMs = 0;
    const models = { [haiku]: { tokensPerMinute: 1_000_000, burndown: 5 } };
    const slow = await startBedrock({ port: 0, models, clock: () => nowMs });
    const leaving = createClient(slow.endpoint);
    const controller = new AbortController();
    const call = failureOf(
      leaving.send(askStream('[[sim:delay_ms=600000]][[sim:output_tokens=40]]'), {
        abortSignal: controller.signal,
      }),
    );
    await until(slow, ({ in_flight }) => in_flight === 1);
    nowMs += 300_000;
    controller.abort();
    await call;
    await until(slow, ({ in_flight }) => in_flight === 0);
    expect(slow.truth()).toMatchObject({ aborted: 1, models: { [haiku]: { settled_tokens: 12 + 5 * 20 } } });
    leaving.destroy();
    await slow.close();
  });
});

it('streams the events of the Messages API', async () => {
  const client = http1Client(bedrock.endpoint);
  const messages = [{ role: 'user', content: '[[sim:text=Good morning]]' }];
  const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 50, messages });
  const answer = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: haiku, body }));
  const chunks = await collect(answer.body);
  const events = chunks.map(({ chunk }) => JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()));
  client.destroy();
  expect(answer.contentType).toBe('application/json');
  expect(events.map(({ type }) => type)).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(events[0].message).toMatchObject({ role: 'assistant', usage: { input_tokens: 7 } });
  expect(events[2]).toEqual({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: 'Good morning' },
  });
  expect(events[4]).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } });
  expect(events[5]).toMatchObject({
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 7, outputTokenCount: 3 },
  });
  expect(bedrock.truth().models[haiku]).toMatchObject({ settled_tokens: 22 });
});
