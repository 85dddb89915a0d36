import fc from 'fast-check';
import {
  answerLatency,
  refusalLatencyMs,
  tokensProduced,
  totalMs,
} from '../../../local/bedrock/answer/latency.ts';
import { planCall } from '../../../local/bedrock/answer/plan-call.ts';
import { writeAnswer } from '../../../local/bedrock/answer/write-answer.ts';
import { amountsToCharge, amountsToHold } from '../../../local/bedrock/quota/token-rules.ts';
import {
  type ConverseRequest,
  readConverseRequest,
} from '../../../local/bedrock/request/converse-request.ts';
import { inputTokensOf } from '../../../local/bedrock/request/count-tokens.ts';
import { parseDirectives } from '../../../local/bedrock/request/directives.ts';
import type { Features } from '../../../local/bedrock/request/features.ts';
import { markerOf } from '../../../local/bedrock/request/marker.ts';
import { findRequestFault } from '../../../local/bedrock/request/validate-request.ts';
import { randomFrom } from '../../../local/bedrock/seeded-random.ts';
import { toModelSettings } from '../../../local/bedrock/simulated-model.ts';

const user = (...texts: readonly string[]) => ({ role: 'user', content: texts.map((text) => ({ text })) });
const assistant = (text: string) => ({ role: 'assistant', content: [{ text }] });
const requestOf = (messages: readonly ReturnType<typeof user>[]) => ({
  messages,
  system: [],
  inferenceConfig: {},
});

function faultOf(value: unknown): { readonly name: string; readonly message: string } | undefined {
  const read = readConverseRequest(typeof value === 'string' ? value : JSON.stringify(value));
  return read.kind === 'error' ? read.error : findRequestFault(read.request, 4096);
}

describe('a request', () => {
  it.each([
    ['', 'not a JSON object'],
    ['{', 'not a JSON object'],
    ['[]', 'not a JSON object'],
    [{ messages: 'hello' }, 'messages must be a list'],
    [{ messages: ['hello'] }, 'messages.0.role must be a string'],
    [{ messages: [{ role: 'user', content: 'hello' }] }, 'messages.0.content must be a list'],
    [{ messages: [{ role: 'user', content: [{ text: 5 }] }] }, 'text must be a string'],
    [{ messages: [user('a')], system: 'be kind' }, 'system must be a list'],
    [{ messages: [user('a')], inferenceConfig: { maxTokens: '5' } }, 'maxTokens must be a number'],
    [{ messages: [user('a')], inferenceConfig: { maxTokens: 1.5 } }, 'maxTokens must be an integer'],
  ])('that cannot be taken apart is a SerializationException: %j', (value, message) => {
    const fault = faultOf(value);
    expect(fault).toMatchObject({
      name: 'SerializationException',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [{}, 'A conversation must start with a user message.'],
    [{ messages: [] }, 'A conversation must start with a user message.'],
    [{ messages: [assistant('a')] }, 'A conversation must start with a user message.'],
    [{ messages: [user('a'), user('b')] }, 'A conversation must alternate between user and assistant roles.'],
    [{ messages: [user('a'), { role: 'robot', content: [] }] }, "Value 'robot' at 'messages.2.member.role'"],
    [{ messages: [{ role: 'user', content: [] }] }, 'object at messages.0 is empty'],
    [{ messages: [{ role: 'user' }] }, 'object at messages.0 is empty'],
    [{ messages: [user('a', ' ')] }, 'object at messages.0.content.1 is blank'],
    [{ messages: [{ role: 'user', content: [{}] }] }, 'must set one of the following keys: text,'],
    [{ messages: [user('a')], inferenceConfig: { maxTokens: 0 } }, 'greater than or equal to 1'],
    [{ messages: [user('a')], inferenceConfig: { maxTokens: 4097 } }, 'exceeds the model limit of 4096'],
    [{ messages: [user('a')], inferenceConfig: { temperature: 1.1 } }, 'less than or equal to 1'],
    [{ messages: [user('a')], inferenceConfig: { topP: -0.1 } }, 'greater than or equal to 0'],
  ])('that breaks a rule is a ValidationException: %j', (value, message) => {
    const fault = faultOf(value);
    expect(fault).toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
  });

  it.each([
    [{ messages: [user('a')] }],
    [{ messages: [user('a'), assistant('b'), user('c')], system: [{ text: 'be kind' }] }],
    [{ messages: [user('a'), assistant('It is')] }],
    [{ messages: [user('a')], system: null, inferenceConfig: { maxTokens: 4096, temperature: 0, topP: 1 } }],
    [{ messages: [user('a')], somethingNew: true }],
  ])('that keeps the rules passes: %j', (value) => {
    expect(faultOf(value)).toBeUndefined();
  });
});

describe('tokens', () => {
  it.each([
    ['12345678', 2],
    ['123456789', 3],
    ['€€€€', 3],
    ['😀', 1],
  ])('are about four bytes each: %s', (text, expected) => {
    expect(inputTokensOf(requestOf([user(text)]))).toBe(expected);
  });

  it('counts messages, system, tools and images', () => {
    const content = [{ text: '12345678' }, { image: { format: 'png', source: { bytes: 'AAAA' } } }];
    const request = { ...requestOf([]), messages: [{ role: 'user', content }], system: [{ text: '1234' }] };
    expect(inputTokensOf(request)).toBe(2 + 1_600 + 1);
    expect(inputTokensOf({ ...request, toolConfig: { tools: [] } })).toBe(2 + 1_600 + 1 + 3);
  });

  const input = { inputTokens: 100, cacheReadInputTokens: 1_000, cacheWriteInputTokens: 10 };

  it.each([
    [1, 1_610],
    [5, 3_610],
    [0, 1_110],
  ])('are held with cache reads and max tokens weighed by %d', (holdWeight, expected) => {
    expect(amountsToHold(input, { holdWeight, maxTokens: 500 })).toMatchObject({
      tpm: expected,
      tpd: expected,
    });
  });

  it.each([
    [1, 150],
    [5, 310],
    [15, 710],
  ])('are charged without cache reads, with output times %d', (burndown, expected) => {
    expect(amountsToCharge(input, { burndown, outputTokens: 40 })).toMatchObject({
      tpm: expected,
      tpd: expected,
    });
  });

  it('are held and charged apart by input and output, without cache reads and burndown', () => {
    expect(amountsToHold(input, { holdWeight: 1, maxTokens: 500 })).toMatchObject({
      rpm: 1,
      itpm: 610,
      otpm: 0,
    });
    expect(amountsToCharge(input, { burndown: 5, outputTokens: 40 })).toMatchObject({
      rpm: 1,
      itpm: 150,
      otpm: 40,
    });
  });
});

describe('an answer', () => {
  const random = () => randomFrom('a test');
  const features: Features = { tools: [], choice: { kind: 'auto' }, stopSequences: [], hasGuardrail: false };

  it('repeats the first 60 characters of the last user text, emoji whole', () => {
    const marker = markerOf(requestOf([user('first'), assistant('no'), user('😀'.repeat(61))]));
    expect(marker).toBe('😀'.repeat(60));
  });

  it.each([
    { maxTokens: 100, outputTokens: 50, expected: { outputTokens: 50, stopReason: 'end_turn' } },
    { maxTokens: 50, outputTokens: 50, expected: { outputTokens: 50, stopReason: 'end_turn' } },
    { maxTokens: 49, outputTokens: 50, expected: { outputTokens: 49, stopReason: 'max_tokens' } },
  ])('of $outputTokens tokens under $maxTokens', ({ expected, ...wish }) => {
    const answer = writeAnswer({ echo: 'hello', ...wish }, random());
    expect(answer).toMatchObject(expected);
    expect(answer.text).toMatch(/^echo: hello\n/);
    expect(answer.text).toHaveLength(4 * expected.outputTokens);
  });

  it('keeps its echo whole when its tokens are few', () => {
    const answer = writeAnswer({ echo: 'a longer text', maxTokens: 1 }, random());
    expect(answer).toEqual({ text: 'echo: a longer text', outputTokens: 1, stopReason: 'max_tokens' });
  });

  it.each([
    ['hello', 10, { text: 'hello', outputTokens: 2, stopReason: 'end_turn' }],
    ['hello', 1, { text: 'hell', outputTokens: 1, stopReason: 'max_tokens' }],
    ['ab€€', 1, { text: 'ab', outputTokens: 1, stopReason: 'max_tokens' }],
  ])('quotes %s under %i tokens', (text, maxTokens, expected) => {
    expect(writeAnswer({ echo: 'x', text, maxTokens }, random())).toEqual(expected);
  });

  it('is never longer than max tokens, says when it was cut, and depends on seed and content only', () => {
    const settings = toModelSettings('m', { tokensPerMinute: 1, burndown: 1 });
    const options = { modelId: 'm', settings, features, directives: {}, latencyScale: 1 };
    const plan = (request: ConverseRequest, seed: number) => {
      const read = planCall(request, { ...options, seed });
      if (read.kind === 'fault') throw new Error(read.message);
      return read.plan;
    };
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 400 }), fc.nat(), (text, maxTokens, seed) => {
        const request = { ...requestOf([user(text)]), inferenceConfig: { maxTokens } };
        const { answer } = plan(request, seed);
        const whole = plan(requestOf([user(text)]), seed).answer;
        expect(answer.outputTokens).toBe(Math.min(maxTokens, whole.outputTokens));
        expect(answer.stopReason === 'max_tokens').toBe(whole.outputTokens > maxTokens);
        expect(plan(request, seed)).toEqual(plan(request, seed));
      }),
    );
  });

  it('has about 150 tokens in the middle', () => {
    const lengths = Array.from(
      { length: 999 },
      (_, index) => writeAnswer({ echo: '', maxTokens: 64_000 }, randomFrom(`${index}`)).outputTokens,
    ).sort((a, b) => a - b);
    expect(lengths[499]).toBeGreaterThan(135);
    expect(lengths[499]).toBeLessThan(165);
  });
});

describe('directives', () => {
  it.each([
    ['no directive', {}],
    ['[[sim:output_tokens=50]]', { outputTokens: 50 }],
    ['say [[sim:text=a, b=c\nd]] now', { text: 'a, b=c\nd' }],
    ['[[sim:status=503,times=2]]', { fault: '503', times: 2 }],
    ['[[sim:delay_ms=0]] [[sim:output_tokens=7]]', { delayMs: 0, outputTokens: 7 }],
  ])('are read from %j', (text, directives) => {
    expect(parseDirectives(text)).toEqual({ kind: 'directives', directives });
  });

  it.each([
    ['[[sim:output_tokens=0]]', 'output_tokens is a whole number from 1 to 10000000'],
    ['[[sim:output_tokens=many]]', 'output_tokens is a whole number from 1 to 10000000'],
    ['[[sim:status=418]]', 'status is one of 403, 408, 424, 429, 500, 503'],
    ['[[sim:fault=loud]]', 'fault is one of silent, cut, garbage'],
    ['[[sim:stop=now]]', 'stop is one of end_turn'],
    ['[[sim:delay=5]]', 'known are output_tokens'],
    ['[[sim:]]', 'known are output_tokens'],
    ['[[sim:times=2]]', 'times without status or fault'],
  ])('that cannot be followed are a fault with what can: %s', (text, hint) => {
    expect(parseDirectives(text)).toMatchObject({ kind: 'fault', message: expect.stringContaining(hint) });
  });
});

describe('latency', () => {
  const model = { ttftMs: 800, outputTokensPerSecond: 60, latencyScale: 1 };

  it('is the time to the first token and the time of all tokens, in the middle', () => {
    const totals = Array.from({ length: 999 }, (_, index) =>
      totalMs(answerLatency(model, 60, randomFrom(`${index}`))),
    );
    const median = totals.sort((a, b) => a - b)[499] ?? 0;
    expect(median / 1_800).toBeGreaterThan(0.97);
    expect(median / 1_800).toBeLessThan(1.03);
  });

  it('spreads lognormally, 0.25 for the first token and 0.15 for the others', () => {
    const drawn = Array.from({ length: 9_999 }, (_, index) =>
      answerLatency(model, 60, randomFrom(`${index}`)),
    );
    const sigmaOf = (values: readonly number[]) => {
      const logs = values.map(Math.log);
      const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      return Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
    };
    expect(sigmaOf(drawn.map(({ ttftMs }) => ttftMs))).toBeCloseTo(0.25, 2);
    expect(sigmaOf(drawn.map(({ generationMs }) => generationMs))).toBeCloseTo(0.15, 2);
  });

  it('scales to nothing', () => {
    expect(totalMs(answerLatency({ ...model, latencyScale: 0 }, 60, randomFrom('a')))).toBe(0);
    expect(refusalLatencyMs(0, randomFrom('a'))).toBe(0);
  });

  it.each([
    [0, 30],
    [0.5, 55],
    [1, 80],
  ])('of a refusal with %d is %d ms', (drawn, expected) => {
    expect(refusalLatencyMs(1, () => drawn)).toBe(expected);
  });

  it.each([
    [0, 0],
    [800, 0],
    [1_050, 2],
    [1_800, 10],
    [9_000, 10],
  ])('after %d ms has produced %d of 10 tokens', (elapsedMs, expected) => {
    expect(tokensProduced({ ttftMs: 800, generationMs: 1_000 }, 10, elapsedMs)).toBe(expected);
  });
});
