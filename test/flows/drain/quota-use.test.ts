import { createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, expectAllAnswered } from './drains.ts';

const LITE = 'us.amazon.nova-lite-v1:0';
const GRANTED = 'Cross-region model inference tokens per minute for Amazon Nova Lite';
const BURNDOWN = 5;

/** Of one drain. */
const LIFE_MS = 300_000;

const worldOf = (pool: Readonly<Record<string, unknown>>, latencyMs = 2_000): World =>
  createWorld({
    settings: { models: { haiku: { model_id: LITE, burndown: BURNDOWN, ...pool } } },
    model: { latencyMs: () => latencyMs },
  });

const promptsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `p${index}`);

/** As Bedrock counts them. */
const quotaTokens = (world: World): number =>
  world.ledger
    .entries()
    .reduce((total, { inputTokens, outputTokens }) => total + inputTokens + BURNDOWN * outputTokens, 0);

const drained = async (world: World, count = 100): Promise<void> => {
  const ids = await acceptPrompts(world, promptsOf(count));
  await drain(world);
  expectAllAnswered(world, ids);
};

describe('the use of a quota', () => {
  it.each<readonly [string, Readonly<Record<string, unknown>>, number]>([
    ['that the settings name', { quota: { tokens_per_minute: 1_000_000 } }, 1_000_000],
    ['of which others are left some', { quota: { tokens_per_minute: 1_000_000 }, headroom: 0.3 }, 700_000],
    [
      'that Service Quotas grants, whatever stands in for it',
      { quota: 'service-quotas', fallback_quota: { tokens_per_minute: 1_000 } },
      400_000,
    ],
    [
      'of several targets, together',
      {
        quota: { tokens_per_minute: 500_000 },
        targets: [{ model_id: 'model-second', name: 'second', quota: { tokens_per_minute: 1_500_000 } }],
      },
      2_000_000,
    ],
    [
      'of which requests are what is scarce',
      { quota: { tokens_per_minute: 100_000_000, requests_per_minute: 1_000 } },
      0,
    ],
  ])('%s is told in per cent of it', async (_, pool, tokensPerMinute) => {
    const world = worldOf(pool);
    world.serviceQuotas.grant({ [GRANTED]: 400_000 });

    await drained(world);

    const expected =
      tokensPerMinute === 0 ? (100 * 100) / 1_000 : (100 * quotaTokens(world)) / tokensPerMinute;
    expect(expected).toBeGreaterThan(0.1);
    expect(world.telemetry.total('QuotaUse')).toBeCloseTo(expected, 6);
    expect(
      new Set(
        world.telemetry.measured.flatMap(({ metric, dimensions }) =>
          metric === 'QuotaUse' ? dimensions.pool : [],
        ),
      ),
    ).toEqual(new Set(['haiku']));
  });

  it('adds up to all of it while the pool is full, over hand-overs too', async () => {
    const world = worldOf({ quota: { tokens_per_minute: 4_000 } });
    await acceptPrompts(world, promptsOf(600));
    await drain(world, { lifeMs: LIFE_MS });
    const [before, sinceMs] = [world.telemetry.total('QuotaUse'), world.clock.nowMs()];
    for (let drains = 0; drains < 2; drains += 1) await drain(world, { lifeMs: LIFE_MS });

    const minutes = (world.clock.nowMs() - sinceMs) / 60_000;
    const percent = (world.telemetry.total('QuotaUse') - before) / minutes;
    expect(world.queues.bodies('results').length).toBeLessThan(600);
    expect(percent).toBeGreaterThan(93);
    expect(percent).toBeLessThan(107);
  });

  it('counts what is answered after the pool was handed over', async () => {
    const world = worldOf({ quota: { tokens_per_minute: 1_000_000 } }, 45_000);
    await drained(world, 10);

    expect(world.telemetry.total('QuotaUse')).toBeCloseTo((100 * quotaTokens(world)) / 1_000_000, 6);
  });

  it('tells nothing of a day’s quota, which is no rate', async () => {
    const world = worldOf({ quota: { tokens_per_minute: 100_000_000, tokens_per_day: 1_000_000 } });
    await drained(world, 10);

    expect(world.telemetry.total('QuotaUse')).toBeCloseTo((100 * quotaTokens(world)) / 100_000_000, 9);
  });
});
