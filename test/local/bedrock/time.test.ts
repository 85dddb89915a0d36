import { ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, type BedrockOptions, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { ask, failureOf, haiku, http1Client, http2Client } from './bedrock-clients.ts';
import { createVirtualTime } from './virtual-time.ts';

let bedrock: Bedrock;
afterEach(() => bedrock.close());

async function callInVirtualTime(
  texts: readonly string[],
  options: Partial<BedrockOptions>,
  createClient = http1Client,
): Promise<{
  readonly results: readonly unknown[];
  readonly waits: readonly number[];
  readonly elapsedMs: number;
}> {
  const time = createVirtualTime();
  const models = { [haiku]: { tokensPerMinute: 1_000, burndown: 1 } };
  bedrock = await startBedrock({ port: 0, models, ...time, ...options });
  const client = createClient(bedrock.endpoint);
  const results: unknown[] = [];
  for (const text of texts) results.push(await failureOf(client.send(ask(text, 900))));
  client.destroy();
  return { results, waits: time.waits, elapsedMs: time.clock() - 1_000_000 };
}

const instant = '[[sim:delay_ms=0]][[sim:output_tokens=890]]';

describe('a refusal', () => {
  it.each([
    ['HTTP/1.1', http1Client],
    ['HTTP/2', http2Client],
  ])('comes over %s after 30 to 80 ms', async (_name, createClient) => {
    const { results, waits } = await callInVirtualTime([instant, instant], {}, createClient);
    expect(results[1]).toMatchObject({ name: 'ThrottlingException', status: 429 });
    expect(waits).toHaveLength(2);
    expect(waits[0]).toBe(0);
    expect(waits[1]).toBeGreaterThanOrEqual(30);
    expect(waits[1]).toBeLessThanOrEqual(80);
  });

  it('comes at once at latency scale 0, and ten times sooner at time scale 10', async () => {
    const atOnce = await callInVirtualTime([instant, instant], { latencyScale: 0 });
    await bedrock.close();
    const sooner = await callInVirtualTime([instant, instant], { timeScale: 10 });
    expect(atOnce.waits[1]).toBe(0);
    expect(sooner.waits[1]).toBeGreaterThanOrEqual(3);
    expect(sooner.waits[1]).toBeLessThanOrEqual(8);
  });
});

describe('an answer', () => {
  it('takes the time of its first token and of all tokens', async () => {
    const { waits } = await callInVirtualTime(['[[sim:output_tokens=60]]'], {});
    // 800 ms and 60 tokens of 60 a second, each spread by a lognormal factor that the seed decides.
    expect(waits).toHaveLength(1);
    expect(Math.round(waits[0] ?? 0)).toBe(1_743);
  });

  it.each([
    [{ latencyScale: 0.5 }, 872],
    [{ timeScale: 10 }, 174],
    [{ latencyScale: 0.5, timeScale: 10 }, 87],
  ])('waits less at %j', async (options, expected) => {
    const { waits } = await callInVirtualTime(['[[sim:output_tokens=60]]'], options);
    expect(Math.round(waits[0] ?? 0)).toBe(expected);
  });
});

it('sends the pieces of a stream at their time', async () => {
  const time = createVirtualTime();
  const models = { [haiku]: { tokensPerMinute: 1_000, burndown: 1 } };
  bedrock = await startBedrock({ port: 0, models, ...time });
  const client = http1Client(bedrock.endpoint);
  const text = '[[sim:delay_ms=1000]][[sim:output_tokens=16]]';
  const messages = [{ role: 'user' as const, content: [{ text }] }];
  const inferenceConfig = { maxTokens: 100 };
  const answer = await client.send(new ConverseStreamCommand({ modelId: haiku, messages, inferenceConfig }));
  let pieces = 0;
  for await (const event of answer.stream ?? []) if (event.contentBlockDelta !== undefined) pieces += 1;
  client.destroy();
  expect(pieces).toBe(4);
  expect(time.waits).toEqual([250, 250, 250, 250, 0]);
});

describe('the time scale', () => {
  it('speeds up quota, timelines and truth', async () => {
    let nowMs = 0;
    const quotaTimeline = [{ afterSeconds: 120, value: 2 }];
    const models = { [haiku]: { tokensPerMinute: 600, burndown: 1, quotaTimeline } };
    bedrock = await startBedrock({ port: 0, models, latencyScale: 0, timeScale: 60, clock: () => nowMs });
    const client = http1Client(bedrock.endpoint);
    await client.send(ask('[[sim:output_tokens=580]]', 588));
    client.destroy();
    expect(bedrock.truth()).toMatchObject({ at_ms: 0, models: { [haiku]: { level_tokens: 13 } } });
    nowMs += 500;
    expect(bedrock.truth()).toMatchObject({ at_ms: 30_000, models: { [haiku]: { level_tokens: 313 } } });
    nowMs += 2_000;
    expect(bedrock.truth()).toMatchObject({ at_ms: 150_000, models: { [haiku]: { size_tokens: 1_200 } } });
    expect(bedrock.truth().models[haiku]).toMatchObject({ level_tokens: 1_200 - 600 + 600 - 0 });
  });

  it.each([
    [{ timeScale: 0 }, 'timeScale must be a positive number, got 0'],
    [{ timeScale: Number.NaN }, 'timeScale must be a positive number, got NaN'],
    [{ latencyScale: -1 }, 'latencyScale must be 0 or a positive number, got -1'],
  ])('is refused: %j', async (options, message) => {
    const models = { [haiku]: { tokensPerMinute: 600, burndown: 1 } };
    bedrock = await startBedrock({ port: 0, models });
    await expect(startBedrock({ port: 0, models, ...options })).rejects.toThrow(message);
  });
});

describe('output tokens of a minute', () => {
  it('are charged while they are produced, and refuse the next call when they are used up', async () => {
    const time = createVirtualTime();
    const charged: unknown[] = [];
    const models = { [haiku]: { inputTokensPerMinute: 10_000, outputTokensPerMinute: 60, burndown: 1 } };
    bedrock = await startBedrock({
      port: 0,
      models,
      ...time,
      wait: (ms, signal) => {
        charged.push(bedrock.truth().models[haiku]?.dimensions.otpm?.settled);
        return time.wait(ms, signal);
      },
    });
    const client = http1Client(bedrock.endpoint);
    await client.send(ask('[[sim:delay_ms=1000]][[sim:output_tokens=62]]', 100));
    expect(charged.slice(0, 4)).toEqual([0, 4, 8, 12]);
    expect(bedrock.truth().models[haiku]?.dimensions).toMatchObject({
      itpm: { held: 0, settled: 74 },
      otpm: { held: 0, settled: 62, left: expect.closeTo(-1.065, 3) },
    });
    const refused = await failureOf(client.send(ask('again', 1)));
    expect(refused).toMatchObject({ message: 'Too many tokens, please wait before trying again.' });
    client.destroy();
  });
});
