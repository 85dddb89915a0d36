import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';
import { haiku, http1Client } from './bedrock-clients.ts';

let bedrock: Bedrock;
let nowMs: number;
let client: ReturnType<typeof http1Client>;
beforeEach(async () => {
  nowMs = 0;
  const models = { [haiku]: { tokensPerMinute: 1_000_000, burndown: 1 } };
  bedrock = await startBedrock({ port: 0, models, latencyScale: 0, clock: () => nowMs });
  client = http1Client(bedrock.endpoint);
});
afterEach(() => {
  client.destroy();
  return bedrock.close();
});

/** 1,024 tokens, the fewest that are cached. */
const long = 'x'.repeat(4_096);
const point = { cachePoint: { type: 'default' as const } };
const hour = { cachePoint: { type: 'default' as const, ttl: '1h' as const } };

interface Asked {
  readonly system?: string;
  readonly marker?: typeof point | typeof hour;
  readonly before?: string;
}

async function useOf({ system = long, marker = point, before }: Asked): Promise<unknown> {
  const { usage } = await client.send(
    new ConverseCommand({
      modelId: haiku,
      system: [{ text: system }, marker],
      messages: [
        {
          role: 'user',
          content: [
            ...(before === undefined ? [] : [{ text: before }, marker]),
            { text: '[[sim:text=yes]]' },
          ],
        },
      ],
      inferenceConfig: { maxTokens: 10 },
    }),
  );
  const { inputTokens, cacheReadInputTokens: read, cacheWriteInputTokens: write, totalTokens } = usage ?? {};
  return { inputTokens, read, write, totalTokens };
}

const written = { inputTokens: 4, read: 0, write: 1_024, totalTokens: 1_029 };
const readAgain = { inputTokens: 4, read: 1_024, write: 0, totalTokens: 1_029 };

it('writes a prefix once and reads it for five minutes, longer with each use', async () => {
  expect(await useOf({})).toEqual(written);
  expect(await useOf({})).toEqual(readAgain);
  nowMs += 299_999;
  expect(await useOf({})).toEqual(readAgain);
  nowMs += 299_999;
  expect(await useOf({})).toEqual(readAgain);
  nowMs += 300_000;
  expect(await useOf({})).toEqual(written);
});

it('reads it for an hour where the cache point says so', async () => {
  await useOf({ marker: hour });
  nowMs += 3_599_999;
  expect(await useOf({ marker: hour })).toEqual(readAgain);
});

it('reads the longest prefix it knows and writes the rest', async () => {
  await useOf({});
  expect(await useOf({ before: 'y'.repeat(400) })).toEqual({
    inputTokens: 4,
    read: 1_024,
    write: 100,
    totalTokens: 1_129,
  });
});

it('does not cache fewer than 1,024 tokens, nor another text', async () => {
  expect(await useOf({ system: 'x'.repeat(4_092) })).toMatchObject({ read: 0, write: 0 });
  await useOf({});
  expect(await useOf({ system: `y${'x'.repeat(4_095)}` })).toEqual(written);
});

it('charges what is written and not what is read', async () => {
  const settled = () => bedrock.truth().models[haiku]?.settled_tokens;
  await useOf({});
  expect(settled()).toBe(4 + 1_024 + 1);
  await useOf({});
  expect(settled()).toBe(4 + 1_024 + 1 + 4 + 1);
});
