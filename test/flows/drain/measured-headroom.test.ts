import { createReadQuota } from '../../../shared/flows/read-quota.ts';
import { failing } from '../../fakes/interpose.ts';
import { START_MS } from '../../fakes/virtual-clock.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, expectAllAnswered, startDrain } from './drains.ts';

const MINUTE_MS = 60_000;

const worldOf = (): World =>
  createWorld({
    settings: {
      max_concurrent_executions: 1,
      models: {
        haiku: { model_id: 'm', quota: { tokens_per_minute: 1_000_000 }, burndown: 2, headroom: 'measured' },
      },
    },
  });

const told = async (world: World) => {
  const [pool] = await createReadQuota(acceptDepsOf(world))();
  const limit = pool?.dimensions.find(({ name }) => name === 'tokens_per_minute')?.limit;
  return { limit, others: pool?.limits.others_tokens_per_minute, warning: pool?.limits.warning };
};

const prompts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `p${index}`);

const useOfOthers = { inputTokens: 1_000_000, outputTokens: 100_000, cacheWriteTokens: 0 };

describe('a pool whose headroom is measured', () => {
  it('leaves others what they use, as soon as its drain has looked', async () => {
    const world = worldOf();
    world.accountUse.tell([{ atMs: START_MS - 20 * MINUTE_MS, ...useOfOthers }]);
    const ids = await acceptPrompts(world, prompts(30));
    expect(await told(world)).toMatchObject({ limit: 1_000_000, others: null });

    const outcome = startDrain(world);
    await world.clock.advance(7_000);

    expect(await told(world)).toEqual({ limit: 760_000, others: 240_000, warning: null });
    await world.clock.run(outcome);
    expect(world.accountUse.looks()).toBe(1);
    expectAllAnswered(world, ids);
  });

  it('does not take its own use for that of others', async () => {
    const world = worldOf();
    const ids = await acceptPrompts(world, prompts(20));
    await drain(world);
    expectAllAnswered(world, ids);
    const own = world.ledger.entries();
    expect(own.reduce((sum, { inputTokens }) => sum + inputTokens, 0)).toBeGreaterThan(0);
    world.accountUse.tell(own);

    await world.clock.advance(15 * MINUTE_MS);
    await acceptPrompts(world, ['one more']);
    await drain(world);

    expect(world.accountUse.looks()).toBe(2);
    expect(await told(world)).toEqual({ limit: 1_000_000, others: 0, warning: null });
  });

  it('begins with what an earlier drain found, and goes on with it while CloudWatch does not answer', async () => {
    const world = worldOf();
    world.accountUse.tell([{ atMs: START_MS - 20 * MINUTE_MS, ...useOfOthers }]);
    await acceptPrompts(world, prompts(3));
    await drain(world);
    world.accountUse.tell(new Error('no CloudWatch'));
    await world.clock.advance(10 * MINUTE_MS);
    const ids = await acceptPrompts(world, prompts(30));
    const outcome = startDrain(world);
    await world.clock.advance(7_000);

    expect(await told(world)).toEqual({
      limit: 760_000,
      others: 240_000,
      warning: 'What others use could not be read, what was known of it goes on: Error: no CloudWatch',
    });
    await world.clock.run(outcome);
    expectAllAnswered(world, ids);
  });

  it('answers everything when what was measured can neither be read nor written', async () => {
    const world = worldOf();
    const ids = await acceptPrompts(world, prompts(30));
    await drain(world, { around: failing(({ port }) => port === 'useReadings') });

    expectAllAnswered(world, ids);
    expect(world.telemetry.events.map(({ event }) => event)).toContain('use_of_others_not_read');
  });
});
