import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import type { Truth } from '../../../local/bedrock/truth.ts';
import { ask, failureOf, haiku, http1Client, http2Client, until } from './bedrock-clients.ts';
import { createVirtualTime } from './virtual-time.ts';

let bedrock: Bedrock;
let nowMs: number;
let client: ReturnType<typeof http1Client>;

const models = {
  [haiku]: { tokensPerMinute: 1_000_000, burndown: 5 },
  other: { tokensPerMinute: 1_000_000, burndown: 1 },
};

beforeEach(async () => {
  nowMs = 1_000_000;
  bedrock = await startBedrock({ port: 0, models, latencyScale: 0, clock: () => nowMs });
  client = http1Client(bedrock.endpoint);
});
afterEach(() => {
  client.destroy();
  return bedrock.close();
});

interface AdminAnswer {
  readonly status: number;
  readonly body: Truth & { readonly faults: readonly unknown[] };
}

async function admin(method: string, path: string, value?: unknown): Promise<AdminAnswer> {
  const body = value === undefined ? {} : { body: JSON.stringify(value) };
  const response = await fetch(`${bedrock.endpoint}/_sim/${path}`, { method, ...body });
  return { status: response.status, body: (await response.json()) as AdminAnswer['body'] };
}

const statusOf = async (text: string, model = haiku): Promise<unknown> => {
  const answer = await client.send(ask(text, 100, model)).catch((error: unknown) => error);
  const { $metadata } = Object(answer);
  return $metadata?.httpStatusCode;
};

describe('a fault window', () => {
  it.each([
    ['408', 408],
    ['424', 424],
    ['429', 429],
    ['500', 500],
    ['503', 503],
    ['403', 403],
    ['stream_throttling', 429],
  ])('of %s fails every call with %i and costs no tokens', async (fault, status) => {
    expect((await admin('POST', 'faults', { fault })).status).toBe(201);
    expect(await statusOf('a')).toBe(status);
    expect(bedrock.truth().models[haiku]).toMatchObject({ held_tokens: 0, settled_tokens: 0 });
  });

  it('of 429 counts as a refusal that the quota did not decide', async () => {
    await admin('POST', 'faults', { fault: '429' });
    await statusOf('a');
    expect(bedrock.truth().models[haiku]).toMatchObject({
      refused: 1,
      per_second: [{ at_s: 1_000, refused: 1 }],
      level_tokens: 1_000_000,
    });
  });

  it('begins and ends at its times, and concerns its model only', async () => {
    await admin('POST', 'faults', { fault: '503', startSeconds: 10, endSeconds: 20, model: haiku });
    const seen: unknown[] = [await statusOf('a')];
    nowMs += 10_000;
    seen.push(await statusOf('a'), await statusOf('a', 'other'));
    nowMs += 9_999;
    seen.push(await statusOf('a'));
    nowMs += 1;
    seen.push(await statusOf('a'));
    expect(seen).toEqual([200, 503, 200, 503, 200]);
  });

  it('of some probability strikes the same calls for the same seed, and spares some retries', async () => {
    const statuses = async () => {
      const seen: unknown[] = [];
      for (let call = 0; call < 40; call += 1) seen.push(await statusOf(`text ${call % 4}`));
      return seen;
    };
    await admin('POST', 'faults', { fault: '503', probability: 0.5 });
    const first = await statuses();
    client.destroy();
    await bedrock.close();
    bedrock = await startBedrock({ port: 0, models, latencyScale: 0, clock: () => nowMs });
    client = http1Client(bedrock.endpoint);
    await admin('POST', 'faults', { fault: '503', probability: 0.5 });
    const failed = first.filter((status) => status === 503).length;
    expect(await statuses()).toEqual(first);
    expect(failed).toBeGreaterThan(10);
    expect(failed).toBeLessThan(30);
    expect(new Set(first.filter((_status, call) => call % 4 === 0)).size).toBe(2);
  });

  it('of silence never answers, and holds what it held until the client leaves', async () => {
    await admin('POST', 'faults', { fault: 'silent' });
    const controller = new AbortController();
    const call = failureOf(client.send(ask('12345678', 100), { abortSignal: controller.signal }));
    await until(bedrock, ({ in_flight }) => in_flight === 1);
    expect(bedrock.truth().models[haiku]).toMatchObject({ held_tokens: 102 });
    controller.abort();
    await call;
    await until(bedrock, ({ in_flight }) => in_flight === 0);
    expect(bedrock.truth()).toMatchObject({ aborted: 1, models: { [haiku]: { settled_tokens: 2 } } });
  });

  it.each([
    ['HTTP/1.1', http1Client],
    ['HTTP/2', http2Client],
  ])('that cuts ends the connection over %s', async (_name, createClient) => {
    const cutClient = createClient(bedrock.endpoint);
    await admin('POST', 'faults', { fault: 'cut' });
    const failure = await failureOf(cutClient.send(ask('[[sim:output_tokens=40]]', 100)));
    expect(failure).toMatchObject({ status: undefined });
    expect(bedrock.truth({ calls: true })).toMatchObject({ faults: 1, recent_calls: [{ status: 0 }] });
    cutClient.destroy();
  });

  it('of garbage answers 200 with something else', async () => {
    await admin('POST', 'faults', { fault: 'garbage' });
    const response = await fetch(`${bedrock.endpoint}/model/${haiku}/converse`, {
      method: 'POST',
      body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'a' }] }] }),
    });
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow('is not valid JSON');
    expect(bedrock.truth()).toMatchObject({ faults: 1, answered: 0 });
  });

  it('that slows down multiplies the latency', async () => {
    const time = createVirtualTime();
    const slow = await startBedrock({ port: 0, models, ...time });
    const slowClient = http1Client(slow.endpoint);
    await slowClient.send(ask('[[sim:delay_ms=100]]'));
    const body = JSON.stringify({ fault: 'slow', factor: 20 });
    await fetch(`${slow.endpoint}/_sim/faults`, { method: 'POST', body });
    await slowClient.send(ask('[[sim:delay_ms=100]]'));
    expect(time.waits).toEqual([100, 2_000]);
    slowClient.destroy();
    await slow.close();
  });
});

describe('the admin API of faults', () => {
  it('lists, ends one and ends all', async () => {
    await admin('POST', 'faults', { fault: '503', endSeconds: 60 });
    await admin('POST', 'faults', { fault: 'slow', factor: 3, probability: 0.1, model: 'other' });
    nowMs += 1_000;
    expect((await admin('GET', 'faults')).body).toEqual({
      faults: [
        { id: 1, fault: '503', probability: 1, startSeconds: -1, endSeconds: 59 },
        {
          id: 2,
          fault: 'slow',
          factor: 3,
          probability: 0.1,
          model: 'other',
          startSeconds: -1,
          endSeconds: null,
        },
      ],
    });
    expect((await admin('DELETE', 'faults/1')).body).toMatchObject({ faults: [{ id: 2 }] });
    expect(await admin('DELETE', 'faults/1')).toMatchObject({ status: 404 });
    expect((await admin('DELETE', 'faults')).body).toEqual({ faults: [] });
  });

  it('names every fault of a wrong window', async () => {
    const wrong = {
      fault: 'fire',
      factor: 2,
      probability: 2,
      model: 'nope',
      startSeconds: 5,
      endSeconds: 5,
      x: 1,
    };
    const { status, body } = await admin('POST', 'faults', wrong);
    expect(status).toBe(400);
    expect(body.faults).toEqual([
      expect.stringMatching(/^x is no member of a fault window/),
      expect.stringMatching(/^fault must be one of 403, 408, .*, slow, got "fire"$/),
      'factor must be left out, except with slow, got 2',
      'probability must be a number between 0 and 1, got 2',
      expect.stringMatching(/^model must be one of us\.anthropic.*, other, got "nope"$/),
      'endSeconds must be after startSeconds, got 5',
    ]);
  });

  it.each([[[]], ['text'], [{}], [{ fault: 'slow' }]])('refuses %j', async (value) => {
    expect((await admin('POST', 'faults', value)).status).toBe(400);
    expect((await admin('GET', 'faults')).body).toEqual({ faults: [] });
  });
});

describe('the admin API of time', () => {
  it('drops the quota for a while', async () => {
    const quotaTimeline = [
      { afterSeconds: 0, value: 0 },
      { afterSeconds: 10, value: 1 },
    ];
    await admin('PUT', 'models/other', { quotaTimeline });
    expect(await statusOf('a', 'other')).toBe(429);
    nowMs += 10_000;
    expect(await statusOf('a', 'other')).toBe(429);
    nowMs += 10_000;
    expect(await statusOf('a', 'other')).toBe(200);
  });

  it('keeps a timeline going when something else changes', async () => {
    await admin('PUT', 'models/other', { quotaTimeline: [{ afterSeconds: 10, value: 0.5 }] });
    nowMs += 9_000;
    await admin('PUT', 'models/other', { ttftMs: 5 });
    nowMs += 1_000;
    expect(bedrock.truth().models.other).toMatchObject({ size_tokens: 500_000 });
  });

  it('adds dimensions, and names the one that refuses', async () => {
    await admin('PUT', 'models/other', { requestsPerMinute: 1, tokensPerDay: 150, rejectCostsRpm: true });
    const messages: unknown[] = [];
    for (const change of [{}, {}, { requestsPerMinute: null }, { tokensPerDay: null, tokensPerMinute: 0 }]) {
      if (Object.keys(change).length > 0) await admin('PUT', 'models/other', change);
      const failure = await failureOf(client.send(ask('[[sim:output_tokens=100]]', 100, 'other')));
      messages.push(Object(failure).message);
    }
    expect(messages).toEqual([
      'the call was answered',
      'Too many requests, please wait before trying again.',
      'Too many tokens per day, please wait before trying again.',
      'Too many tokens, please wait before trying again.',
    ]);
  });

  it('never says when to come back', async () => {
    await admin('PUT', 'models/other', { tokensPerMinute: 0 });
    const response = await fetch(`${bedrock.endpoint}/model/other/converse`, {
      method: 'POST',
      body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'a' }] }] }),
    });
    expect(response.status).toBe(429);
    expect([...response.headers.keys()].filter((name) => name.includes('retry'))).toEqual([]);
  });

  it('takes a share away for others', async () => {
    await admin('PUT', 'models/other', { algorithm: 'sliding', othersShare: 0.25 });
    expect(bedrock.truth().models.other).toMatchObject({ level_tokens: 750_000 });
  });

  it.each([
    [{ othersShare: 2 }, /^othersShare must be a number between 0 and 1, or a list of at most/],
    [
      {
        quotaTimeline: [
          { afterSeconds: 5, value: 1 },
          { afterSeconds: 5, value: 2 },
        ],
      },
      /ascending/,
    ],
    [{ algorithm: 'leaky' }, /^algorithm must be one of bucket, fixed, sliding, got "leaky"$/],
    [{ rejectCostsRpm: 1 }, /^rejectCostsRpm must be true or false, got 1$/],
  ])('refuses %j', async (change, message) => {
    const { status, body } = await admin('PUT', 'models/other', change);
    expect(status).toBe(400);
    expect(body.faults).toEqual([expect.stringMatching(message)]);
  });
});

describe('the truth', () => {
  it('can be cut to the last seconds', async () => {
    await statusOf('early');
    nowMs += 10_000;
    await statusOf('late');
    const whole = (await admin('GET', 'truth?calls=1')).body;
    const last = (await admin('GET', 'truth?calls=1&seconds=5')).body;
    expect(whole.models[haiku]?.per_second).toHaveLength(2);
    expect(last.models[haiku]?.per_second).toMatchObject([{ at_s: 1_010 }]);
    expect(last.recent_calls).toMatchObject([{ marker: 'late' }]);
    expect(last.calls).toBe(2);
    expect(await admin('GET', 'truth?seconds=0')).toMatchObject({ status: 400 });
  });

  it('can be read call after call', async () => {
    for (const text of ['first', 'second', 'third']) await statusOf(text);
    const { body } = await admin('GET', 'truth?calls=1&after=1');
    expect(body.recent_calls).toMatchObject([
      { seq: 2, marker: 'second' },
      { seq: 3, marker: 'third' },
    ]);
    expect((await admin('GET', 'truth?calls=1&after=3')).body.recent_calls).toEqual([]);
    const wrong = await admin('GET', 'truth?calls=1&after=-1&seconds=x');
    expect([wrong.status, wrong.body.faults]).toEqual([
      400,
      [
        'seconds must be a whole number between 1 and 3600, got "x"',
        'after must be a whole number between 0 and 9007199254740991, got "-1"',
      ],
    ]);
  });

  it('begins anew with the calls in flight', async () => {
    await statusOf('before');
    const call = failureOf(client.send(ask('[[sim:delay_ms=600000]]')));
    await until(bedrock, ({ in_flight }) => in_flight === 1);
    await admin('DELETE', 'truth');
    const { body } = await admin('GET', 'truth?calls=1');
    expect(body).toMatchObject({ calls: 1, admitted: 1, answered: 0, in_flight: 1, recent_calls: [] });
    expect(body.models[haiku]).toMatchObject({ calls: 1, settled_tokens: 0, per_second: [] });
    await bedrock.close();
    await call;
  });
});
