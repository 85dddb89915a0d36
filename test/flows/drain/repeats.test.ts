import type { Result } from '../../../shared/contract/request.ts';
import { createReadRequest } from '../../../shared/flows/read-request.ts';
import { failing, nameOf } from '../../fakes/interpose.ts';
import { rejection, serviceFault, throttle } from '../../fakes/scripted-model.ts';
import { acceptDepsOf, createWorld, type World, type WorldOptions } from '../../fakes/world.ts';
import { accept, overHttp } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, startDrain, startProcess } from './drains.ts';

const worldOf = (options: WorldOptions = {}): World =>
  createWorld({
    ...options,
    settings: {
      models: {
        haiku: { model_id: 'm', quota: { tokens_per_minute: 10_000_000 }, prices: { input: 1, output: 5 } },
      },
      tenants: { acme: { cache_seconds: 3600 } },
      ...options.settings,
    },
  });

const send = async (
  world: World,
  prompts: readonly string[],
  fields: object = {},
  tenant = 'acme',
): Promise<readonly string[]> => {
  const accepted = await accept(
    world,
    prompts.map((prompt) => overHttp({ prompt, max_tokens: 100, ...fields }, { provenTenant: tenant })),
  );
  return accepted.flatMap((each) => (each.kind === 'accepted' ? [each.item.requestId] : []));
};

const resultOf = async (world: World, requestId: string | undefined, tenant = 'acme'): Promise<Result> => {
  const reading = await createReadRequest(acceptDepsOf(world))({ requestId: requestId ?? '', tenant });
  if (reading.kind !== 'ended') throw new Error(reading.kind);
  return reading.result;
};

const calls = (world: World): number => world.model.calls.length;

describe('a question that was answered before', () => {
  it('is given the same answer again, at no cost, and the result says where it is from', async () => {
    const world = worldOf();
    const [first] = await send(world, ['what is it?']);
    await drain(world);
    await world.clock.advance(60_000);
    const [second] = await send(world, ['what is it?'], { custom_id: 'again' });
    await drain(world);
    expect(calls(world)).toBe(1);
    const { finished_at } = await resultOf(world, first);
    expect(await resultOf(world, second)).toMatchObject({
      status: 'succeeded',
      custom_id: 'again',
      content: 'answer to what is it?',
      usage: { input_tokens: 0, output_tokens: 0 },
      cost_usd: 0,
      attempts: 0,
      latency_ms: null,
      repeated: { how: 'cache', request_id: first, answered_at: finished_at },
    });
    expectAllAnswered(world, [first ?? '', second ?? '']);
    expect(itemOf(world, second).attemptLog).toEqual([]);
  });

  it.each([
    ['by another tenant that has it turned on', {}, 'other'],
    ['by one that has it not', {}, 'nobody'],
    ['with other parameters', { temperature: 0.5 }, 'acme'],
    ['by who wants a new answer', { cache_seconds: 0 }, 'acme'],
  ])('is asked again %s', async (_, fields, tenant) => {
    const world = worldOf({
      settings: { tenants: { acme: { cache_seconds: 60 }, other: { cache_seconds: 60 } } },
    });
    await send(world, ['x']);
    await drain(world);
    const [id] = await send(world, ['x'], fields, tenant);
    await drain(world);
    expect(calls(world)).toBe(2);
    expect(await resultOf(world, id, tenant)).not.toHaveProperty('repeated');
  });

  it('is asked again when its answer is older than whoever asks wants it', async () => {
    const world = worldOf();
    await send(world, ['x']);
    await drain(world);
    await world.clock.advance(100_000);
    await send(world, ['x'], { cache_seconds: 200 });
    await drain(world);
    expect(calls(world)).toBe(1);
    await world.clock.advance(200_000);
    await send(world, ['x'], { cache_seconds: 200 });
    await drain(world);
    expect(calls(world)).toBe(2);
  });

  it('does not wait for the quota', async () => {
    const world = worldOf({
      settings: { models: { haiku: { model_id: 'm', quota: { tokens_per_minute: 1000 } } } },
    });
    await send(world, ['known']);
    await drain(world);
    const slow = await send(
      world,
      Array.from({ length: 30 }, (_, index) => `new ${index}`),
    );
    const [known] = await send(world, ['known'], { priority: 'low' });
    const running = startDrain(world);
    await world.clock.advance(10_000);
    expect(itemOf(world, known).status).toBe('succeeded');
    await world.clock.run(running);
    expectAllAnswered(world, slow);
  });

  it('is asked again when it had failed, and when nobody can say whether it was answered', async () => {
    const world = worldOf({ model: { script: (_, before) => (before === 0 ? rejection : undefined) } });
    await send(world, ['x']);
    await drain(world);
    await send(world, ['x']);
    await drain(world);
    expect(calls(world)).toBe(2);
    const ids = await send(world, ['x']);
    await drain(world, { around: failing((effect) => nameOf(effect) === 'answers.read') });
    expect(calls(world)).toBe(3);
    expectAllAnswered(world, ids);
  });

  it('is refused where the tenant has it not turned on and asks for it', async () => {
    const [acceptance] = await accept(worldOf(), [
      overHttp({ prompt: 'x', cache_seconds: 60 }, { provenTenant: 'nobody' }),
    ]);
    expect(acceptance).toMatchObject({
      kind: 'refused',
      problem: {
        errors: [
          {
            pointer: '/cache_seconds',
            detail: 'must be 0 or left out: the tenant `nobody` has no cache turned on',
          },
        ],
      },
    });
  });
});

describe('questions that are the same, at once', () => {
  it('are asked once, and all are answered', async () => {
    const world = worldOf();
    const ids = await send(
      world,
      Array.from({ length: 40 }, () => 'the same'),
    );
    await drain(world);
    expect(calls(world)).toBe(1);
    expectAllAnswered(world, ids);
    const results = await Promise.all(ids.map((id) => resultOf(world, id)));
    expect(results.map(({ content }) => content)).toEqual(ids.map(() => 'answer to the same'));
    expect(results.filter(({ repeated }) => repeated?.how === 'coalesced')).toHaveLength(39);
    expect(results.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), 0)).toBeCloseTo(110e-6, 9);
  });

  it('are asked by the next when the first fails, is refused, or is canceled', async () => {
    const world = worldOf({
      model: {
        script: (_, before) => [throttle, serviceFault, rejection][before],
      },
    });
    const ids = await send(
      world,
      Array.from({ length: 6 }, () => 'the same'),
    );
    await drain(world);
    expectAllAnswered(world, ids);
    const results = await Promise.all(ids.map((id) => resultOf(world, id)));
    expect(results.filter(({ status }) => status === 'failed')).toHaveLength(1);
    expect(results.filter(({ repeated }) => repeated !== undefined)).toHaveLength(4);
  });

  it('go before nobody else when the first of them fails', async () => {
    const world = worldOf({
      settings: {
        max_concurrent_executions: 1,
        tenants: { acme: { cache_seconds: 60 }, other: { weight: 100 } },
      },
      model: { script: ({ prompt }) => (prompt === 'the same' ? rejection : undefined) },
    });
    await send(
      world,
      Array.from({ length: 6 }, () => 'the same'),
    );
    await send(world, ['one', 'two', 'three', 'four', 'five'], {}, 'other');
    await drain(world);
    expect(world.model.prompts().slice(0, 6)).toEqual(
      expect.arrayContaining(['one', 'two', 'three', 'four']),
    );
  });

  it('are answered whatever becomes of their drain', async () => {
    for (const killAtMs of [300, 700, 1_100, 1_350, 1_600]) {
      const world = worldOf({ settings: { max_concurrent_executions: 3 } });
      const ids = await send(world, ['a', 'a', 'b', 'a', 'b', 'c', 'a', 'c', 'b', 'a']);
      const dying = startProcess(world);
      await world.clock.advance(killAtMs);
      dying.kill();
      await world.clock.advance(120_000);
      await drain(world, { isTick: true });
      await world.clock.advance(120_000);
      await drain(world, { isTick: true });
      expectAllAnswered(world, ids);
    }
  });

  it('end with their deadline, though the first is still under way', async () => {
    const world = worldOf({ model: { latencyMs: () => 20_000 } });
    const [first] = await send(world, ['x']);
    const [second] = await send(world, ['x'], { expires_in_seconds: 5 });
    await drain(world);
    expect(itemOf(world, first).status).toBe('succeeded');
    expect(itemOf(world, second).status).toBe('expired');
  });
});
