import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { createBedrockClient } from '../../functions/runtime/compose-clients.ts';
import { type Bedrock, startBedrock } from '../../local/bedrock/start-bedrock.ts';
import { createBedrockModel } from '../../shared/adapters/bedrock-model.ts';
import { readStream } from '../../shared/adapters/read-stream.ts';
import { classifyFault } from '../../shared/core/classify-fault.ts';
import type { ModelRequest } from '../../shared/core/model-request.ts';
import type { Model, ModelCall, ModelReply } from '../../shared/ports/model.ts';
import { describeModel } from '../contracts/model.contract.ts';

const MODEL_ID = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';

let bedrock: Bedrock;
let client: BedrockRuntimeClient;
let model: Model;

beforeAll(async () => {
  bedrock = await startBedrock({
    port: 0,
    models: { [MODEL_ID]: { tokensPerMinute: 10_000_000, burndown: 5 } },
    latencyScale: 0,
  });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = createBedrockClient('us-east-1', 10, { endpoint: bedrock.endpoint, credentials });
  model = createBedrockModel(() => client);
});

afterAll(async () => {
  client.destroy();
  await bedrock.close();
});

const converse = (text: string, more: object = {}): ModelRequest => ({
  kind: 'converse',
  converse: {
    messages: [{ role: 'user', content: [{ text }] }],
    inferenceConfig: { maxTokens: 100 },
    ...more,
  },
});

const invoke = (text: string): ModelRequest => ({
  kind: 'invoke_model',
  body: {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 100,
    messages: [{ role: 'user', content: text }],
  },
});

const call = (request: ModelRequest, fields: Partial<ModelCall> = {}): Promise<ModelReply> =>
  model.call({
    modelId: MODEL_ID,
    request,
    streams: false,
    untilMs: Date.now() + 60_000,
    signal: new AbortController().signal,
    ...fields,
  });

const answerOf = async (request: ModelRequest, fields: Partial<ModelCall> = {}) => {
  const reply = await call(request, fields);
  if (reply.kind !== 'answered') throw new Error(`It was not answered: ${reply.fault.message}`);
  return reply.answer;
};

const faultOf = async (request: ModelRequest, fields: Partial<ModelCall> = {}) => {
  const reply = await call(request, fields);
  if (reply.kind !== 'fault') throw new Error('It was answered.');
  return reply.fault;
};

const callsMade = (): number => bedrock.truth().calls;

describeModel('Bedrock, simulated,', async () => ({
  port: model,
  run: (work) => work,
  modelId: MODEL_ID,
  nowMs: Date.now,
  sent: callsMade,
  texts: {
    answered: 'Good morning [[sim:text=Hello]]',
    endless: 'x [[sim:delay_ms=60000]]',
    throttled: 'x [[sim:status=429]]',
    rejected: 'x [[sim:reject]]',
    broken: 'x [[sim:status=503]]',
  },
}));

describe.each([
  ['in one piece', false],
  ['as a stream', true],
])('an answer of Converse %s', (_, streams) => {
  it('has its text, its whole output, its reason and its use', async () => {
    expect(await answerOf(converse('Good morning [[sim:text=Hello]]'), { streams })).toEqual({
      content: 'Hello',
      output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
      stopReason: 'end_turn',
      usage: {
        input_tokens: expect.any(Number),
        output_tokens: 2,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
      },
    });
  });

  it('has the tools it calls', async () => {
    const toolConfig = {
      tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object', properties: {} } } } }],
    };
    const answer = await answerOf(converse('Look [[sim:tool=look {"a":1}]]', { toolConfig }), { streams });
    expect(answer.stopReason).toBe('tool_use');
    expect(JSON.stringify(answer.output)).toContain('"name":"look"');
    expect(JSON.stringify(answer.output)).toContain('"input":{"a":1}');
  });
});

describe.each([
  ['in one piece', false],
  ['as a stream', true],
])('an answer of InvokeModel %s', (_, streams) => {
  it('is the body, with its text, its reason and its use', async () => {
    expect(await answerOf(invoke('Good morning [[sim:text=Hello]]'), { streams })).toMatchObject({
      content: 'Hello',
      output: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      stopReason: 'end_turn',
      usage: { input_tokens: 8, output_tokens: 2, cache_read_tokens: 0, cache_write_tokens: 0 },
    });
  });
});

describe('what InvokeModel used', () => {
  it('comes from the headers where the body does not say', async () => {
    const silentBody = { outputs: [{ text: 'Hello', stop_reason: 'stop' }] };
    const headers = {
      'x-amzn-bedrock-input-token-count': '11',
      'x-amzn-bedrock-output-token-count': '7',
      'x-amzn-bedrock-cache-read-input-token-count': '3',
      'x-amzn-bedrock-cache-write-input-token-count': '2',
    };
    const handler = {
      handle: async () => ({
        response: {
          statusCode: 200,
          headers: { 'content-type': 'application/json', ...headers },
          body: Buffer.from(JSON.stringify(silentBody)),
        },
      }),
    };
    const canned = createBedrockClient('us-east-1', 1, {
      endpoint: 'http://127.0.0.1:1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    Object.assign(canned.config, { requestHandler: handler });
    const reply = await createBedrockModel(() => canned).call({
      modelId: MODEL_ID,
      request: invoke('x'),
      streams: false,
      untilMs: Date.now() + 60_000,
      signal: new AbortController().signal,
    });
    expect(reply).toMatchObject({
      kind: 'answered',
      answer: {
        content: 'Hello',
        usage: { input_tokens: 11, output_tokens: 7, cache_read_tokens: 3, cache_write_tokens: 2 },
      },
    });
  });
});

describe('a fault of the service', () => {
  it.each<[string, boolean, string, string]>([
    ['status=503', false, 'ServiceUnavailableException', 'service_fault'],
    ['status=429', false, 'ThrottlingException', 'throttled'],
    ['status=429', true, 'ThrottlingException', 'throttled'],
    ['fault=stream_internal', true, 'InternalServerException', 'service_fault'],
    ['fault=stream_throttling', true, 'ThrottlingException', 'throttled'],
    ['fault=stream_unavailable', true, 'ServiceUnavailableException', 'service_fault'],
    ['fault=stream_model_error', true, 'ModelStreamErrorException', 'service_fault'],
    ['fault=stream_validation', true, 'ValidationException', 'model_rejected_request'],
  ])('%s, streamed %s, is judged by its name', async (directive, streams, name, code) => {
    for (const request of [converse(`x [[sim:${directive}]]`), invoke(`x [[sim:${directive}]]`)]) {
      const fault = await faultOf(request, { streams });
      expect([fault.name, classifyFault(fault).code]).toEqual([name, code]);
    }
  });

  it('is a broken connection, too, and worth another attempt', async () => {
    for (const streams of [false, true]) {
      const fault = await faultOf(converse('x [[sim:fault=cut]]'), { streams });
      expect(classifyFault(fault).code).toBe('service_fault');
    }
  });
});

describe('a call', () => {
  it('is given up when its time is over', async () => {
    const fault = await faultOf(converse('x [[sim:delay_ms=60000]]'), { untilMs: Date.now() + 50 });
    expect(fault.name).toBe('TimeoutError');
    expect(classifyFault(fault).code).toBe('service_fault');
  });

  it('is given up when its caller does not want it any more', async () => {
    const wish = new AbortController();
    const gone = call(converse('x [[sim:delay_ms=60000]]'), { signal: wish.signal });
    wish.abort();
    expect(await gone).toMatchObject({ kind: 'fault', fault: { name: 'AbortError' } });
  });

  it('is not made at all when its time is over before it begins', async () => {
    const before = callsMade();
    expect(await faultOf(converse('x'), { untilMs: Date.now() - 1 })).toMatchObject({ name: 'TimeoutError' });
    expect(callsMade()).toBe(before);
  });

  it('is made once, whatever comes back: no retry hides behind it', async () => {
    const before = callsMade();
    await faultOf(converse('y [[sim:status=503]]'));
    expect(callsMade()).toBe(before + 1);
  });
});

describe('a stream that falls silent', () => {
  it('is given up, and the reason says so', async () => {
    const reasons: Error[] = [];
    const silent = async function* () {
      yield 1;
      await new Promise<void>((resolve) => {
        const looking = setInterval(() => {
          if (reasons.length === 0) return;
          clearInterval(looking);
          resolve();
        }, 1);
      });
      yield 2;
    };
    expect(await readStream(silent(), (reason) => reasons.push(reason), 5)).toEqual([1, 2]);
    expect(reasons.map(({ name, message }) => [name, message])).toEqual([
      ['StreamSilentError', 'the model sent nothing for 5 ms'],
    ]);
    expect(classifyFault({ name: 'StreamSilentError', status: undefined, message: '' }).code).toBe(
      'service_fault',
    );
  });
});
