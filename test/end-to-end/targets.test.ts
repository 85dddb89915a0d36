import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../shared/contract/request.ts';
import { collectResults, createSqs, forEachConcurrently, submit } from './clients.ts';
import { type SmootherProcess, startSmoother } from './smoother-process.ts';

/** The same model in two regions, and the simulator knows them apart by what their calls are signed for. */
const ELSEWHERE = 'sim-haiku@eu-west-1';
const POOL = {
  model_id: 'sim-haiku',
  quota: { tokens_per_minute: 600_000 },
  burndown: 1,
  prices: { input: 1, output: 5 },
  targets: [
    {
      model_id: 'sim-haiku',
      region: 'eu-west-1',
      quota: { tokens_per_minute: 600_000 },
      prices: { input: 2, output: 10 },
    },
  ],
};
const ARGS = ['--context', `models=${JSON.stringify({ haiku: POOL })}`, '--simulator', 'latency_scale=0.05'];

interface Counts {
  readonly calls: number;
  readonly answered: number;
}

interface Truth {
  readonly models: Readonly<Record<string, Counts>>;
}

interface TargetQuota {
  readonly target: string;
  readonly region: string;
  readonly breaker: string;
  readonly dimensions: readonly { readonly limit: number }[];
}

describe('a pool with two targets', () => {
  let dataDir: string;
  let smoother: SmootherProcess;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'smoother-targets-'));
    smoother = await startSmoother({ args: ['--data', dataDir, ...ARGS] });
  });

  afterAll(async () => {
    smoother.signal('SIGKILL');
    await smoother.ended();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  const simulator = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(`${smoother.ready.endpoints.bedrockRuntime}/_sim${path}`, init);
    expect(response.ok).toBe(true);
    return response.status === 204 ? undefined : response.json();
  };

  const callsOf = async (model: string): Promise<Counts> =>
    ((await simulator('/truth')) as Truth).models[model] ?? { calls: -1, answered: -1 };

  const answersTo = async (count: number, name: string): Promise<readonly Result[]> => {
    const sqs = createSqs(smoother.ready);
    const indexes = Array.from({ length: count }, (_, index) => index);
    await forEachConcurrently(indexes, 10, async (index) => {
      const { status } = await submit(smoother.ready.api, {
        prompt: `${name} ${index} [[sim:output_tokens=20]]`,
        max_tokens: 50,
      });
      expect(status).toBe(202);
    });
    const queue = smoother.ready.queues.results ?? '';
    const results = await collectResults(sqs, queue, (all) => all.length >= count);
    sqs.destroy();
    expect(results).toHaveLength(count);
    expect(results.filter(({ status }) => status !== 'succeeded')).toEqual([]);
    return results;
  };

  const quotaOfTargets = async (): Promise<readonly TargetQuota[]> => {
    const response = await fetch(`${smoother.ready.api}/v1/quota`);
    const { pools } = (await response.json()) as { pools: readonly { targets: readonly TargetQuota[] }[] };
    return pools[0]?.targets ?? [];
  };

  test('calls its own model alone while that suffices', async () => {
    const results = await answersTo(40, 'calm');
    expect(results.every(({ model, region }) => model === 'sim-haiku' && region === 'us-east-1')).toBe(true);
    expect(await callsOf('sim-haiku')).toMatchObject({ calls: 40, answered: 40 });
    expect((await callsOf(ELSEWHERE)).calls).toBe(0);
    expect(await quotaOfTargets()).toMatchObject([
      { target: 'sim-haiku', region: 'us-east-1', breaker: 'closed' },
      { target: ELSEWHERE, region: 'eu-west-1', breaker: 'closed', dimensions: [{ limit: 600_000 }] },
    ]);
  }, 60_000);

  test('answers everything elsewhere while its own model has no capacity', async () => {
    await simulator('/faults', {
      method: 'POST',
      body: JSON.stringify({ fault: '503', model: 'sim-haiku', startSeconds: 0 }),
    });
    const own = await callsOf('sim-haiku');
    const results = await answersTo(120, 'outage');
    expect(results.every(({ region, target }) => region === 'eu-west-1' && target === ELSEWHERE)).toBe(true);
    expect((await callsOf('sim-haiku')).answered).toBe(own.answered);
    // A few until it opened, and hardly a probe since.
    expect((await callsOf('sim-haiku')).calls - own.calls).toBeLessThan(60);
    expect((await callsOf(ELSEWHERE)).answered).toBe(120);
    // Owners tell every three seconds: what they told last may be older than the outage.
    let told = await quotaOfTargets();
    for (let round = 0; round < 50 && told[0]?.breaker === 'closed'; round += 1) {
      await answersTo(10, `still out ${round}`);
      told = await quotaOfTargets();
    }
    expect(told.map(({ breaker }) => breaker)).toEqual([expect.stringMatching(/^(open|probing)$/), 'closed']);
    const [{ usage, cost_usd } = { usage: null, cost_usd: null }] = results;
    expect(cost_usd).toBeCloseTo(((usage?.input_tokens ?? 0) * 2 + 20 * 10) / 1e6, 9);
  }, 180_000);

  test('uses both when its own quota has become too small, and none is refused for long', async () => {
    await simulator('/faults', { method: 'DELETE' });
    await simulator('/models/sim-haiku', {
      method: 'PUT',
      body: JSON.stringify({ tokensPerMinute: 3000, burstSeconds: 5 }),
    });
    const before = await callsOf(ELSEWHERE);
    let served = 0;
    // Its breaker may be open still: until it has answered again.
    for (let round = 0; round < 100 && served === 0; round += 1) {
      const results = await answersTo(30, `halved ${round}`);
      served = results.filter(({ target }) => target === 'sim-haiku').length;
    }
    expect(served).toBeGreaterThan(0);
    expect((await callsOf(ELSEWHERE)).answered).toBeGreaterThan(before.answered);
  }, 180_000);
});
