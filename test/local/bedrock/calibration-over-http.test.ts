import { Agent, request } from 'node:http';
import { type Bedrock, startBedrock } from '../../../local/bedrock/start-bedrock.ts';

/**
 * The row "bucket 60 s" of quota.calibration.test.ts once more, with real requests: what is counted of the prompt, held
 * at the door, charged in the end and answered must come out as the rule alone does.
 */
let bedrock: Bedrock;
let nowMs: number;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
afterAll(() => agent.destroy());
beforeEach(async () => {
  nowMs = 26_000;
  bedrock = await startBedrock({
    port: 0,
    models: {
      mantle: { inputTokensPerMinute: 3_000_000, burndown: 1 },
      runtime: { requestsPerMinute: 200, burndown: 1 },
    },
    latencyScale: 0,
    clock: () => nowMs,
  });
});
afterEach(() => bedrock.close());

interface Load {
  readonly model: string;
  readonly calls: number;
  readonly everyMs: number;
  readonly input: number;
  readonly output: number;
}

/** A body whose text counts so many tokens of four bytes. */
function bodyOf({ input, output }: Load): string {
  const directive = `[[sim:output_tokens=${output}]]`;
  const text = directive + 'x'.repeat(Math.max(0, 4 * input - directive.length));
  return JSON.stringify({
    messages: [{ role: 'user', content: [{ text }] }],
    inferenceConfig: { maxTokens: output },
  });
}

function statusOf(model: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${bedrock.endpoint}/model/${model}/converse`, { method: 'POST', agent });
    asked.on('error', reject);
    asked.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
    asked.end(body);
  });
}

interface Outcome {
  readonly refused: number;
  readonly firstRefusal: number | undefined;
}

async function offer(load: Load): Promise<Outcome> {
  const body = bodyOf(load);
  const startMs = nowMs;
  let refused = 0;
  let firstRefusal: number | undefined;
  for (let call = 0; call < load.calls; call += 1) {
    nowMs = startMs + call * load.everyMs;
    if ((await statusOf(load.model, body)) !== 429) continue;
    refused += 1;
    firstRefusal ??= call;
  }
  expect(bedrock.truth()).toMatchObject({ calls: load.calls, refused, answered: load.calls - refused });
  return { refused, firstRefusal };
}

/** Half of 600 calls a minute is the quota by input alone. */
const evenly = { model: 'mantle', input: 10_000, output: 620 };

it('refuses nothing of twice the input quota for 30 s', async () => {
  const outcome = await offer({ ...evenly, calls: 300, everyMs: 100 });
  expect(outcome).toEqual({ refused: 0, firstRefusal: undefined });
});

it('refuses 10.5 % of 2.1 times the input quota for a minute, from second 49 on', async () => {
  const outcome = await offer({ ...evenly, calls: 630, everyMs: 60_000 / 630 });
  expect(outcome).toEqual({ refused: 66, firstRefusal: 511 });
});

it('refuses 38.0 % of 3.07 times the input quota for a minute, and accepts 1.90 quotas', async () => {
  const load = { model: 'mantle', input: 10_500, output: 522, calls: 877, everyMs: 60_000 / 877.14 };
  expect(await offer(load)).toEqual({ refused: 333, firstRefusal: 394 });
});

it('refuses 28.9 % of 1.5 times the request quota for 15 minutes', async () => {
  const load = { model: 'runtime', input: 10, output: 5, calls: 4_500, everyMs: 200 };
  expect(await offer(load)).toEqual({ refused: 1_301, firstRefusal: 597 });
}, 30_000);
