import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createRandom } from '../../fakes/sequences.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, notifications, startDrain, startProcess } from './drains.ts';

// Many drains in virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

const prompts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `p${index}`);

const promptIn = (args: readonly unknown[]): string => JSON.stringify(args[0]);

/** A process that ends as soon as it sends one of these to the model. */
const startFragile = (world: World, poisons: readonly string[], log: string[][]) => {
  const process = createSimulatedProcess(world.clock);
  const sent: string[] = [];
  log.push(sent);
  const around: Around = (effect, perform) => {
    if (nameOf(effect) === 'model.call') {
      const found = poisons.find((poison) => promptIn(effect.args).includes(poison));
      sent.push(found ?? 'innocent');
      if (found !== undefined) {
        // What is in flight beside it dies with it.
        const dying = process.around(effect, perform);
        process.kill();
        return dying;
      }
    }
    return process.around(effect, perform);
  };
  return startDrain(world, { around }, process);
};

/** Ticks; each finds the processes before it dead, as a local start does. */
const tickThrough = async (world: World, poisons: readonly string[], ticks: number): Promise<string[][]> => {
  const log: string[][] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    await world.pools.endAll('haiku');
    void startFragile(world, poisons, log);
    await world.clock.advance(150_000);
  }
  return log;
};

describe('a request that ends every drain that runs it', () => {
  it('is tried twice, then twice under suspicion, and then kept as a dead letter', async () => {
    const world = createWorld();
    const ids = await acceptPrompts(world, ['poison', ...prompts(5)]);
    const log = await tickThrough(world, ['poison'], 8);
    expect(log.flat().filter((sent) => sent === 'poison')).toHaveLength(4);
    const [poison = '', ...innocent] = ids;
    expect(itemOf(world, poison)).toMatchObject({
      status: 'failed',
      errorCode: 'crashed_drain',
      attempts: 4,
      attemptLog: [{ outcome: 'outcome_unknown' }, { suspect: true }, { suspect: true }],
    });
    expect(innocent.map((id) => itemOf(world, id).status)).toEqual(prompts(5).map(() => 'succeeded'));
    expect(world.queues.bodies('dead-letter-haiku').map((body) => JSON.parse(body))).toMatchObject([
      {
        request_id: poison,
        attempts: 4,
        error: { code: 'crashed_drain', status: 500 },
        history: [
          { under_suspicion: false, outcome: 'outcome_unknown' },
          { under_suspicion: true, outcome: 'outcome_unknown' },
          { under_suspicion: true },
        ],
        lane_message: expect.stringContaining('poison'),
      },
    ]);
    expectAllAnswered(world, ids);
  });

  it('runs under suspicion only in a drain that has lived for a minute, beside normal work', async () => {
    const world = createWorld({ model: { latencyMs: () => 5000 } });
    const [id = ''] = await acceptPrompts(world, ['suspect']);
    world.requests.put({ ...itemOf(world, id), claims: 2, crashes: 2 });
    void startDrain(world);
    await world.clock.advance(30_000);
    expect(world.model.calls).toEqual([]);
    await acceptPrompts(world, ['normal']);
    await world.clock.advance(25_000);
    expect(world.model.prompts()).toEqual(['normal']);
    await world.clock.advance(20_000);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attemptLog: [{ suspect: true }] });
    const [, call] = world.model.calls;
    expect(call?.startedAtMs).toBeGreaterThanOrEqual(60_000);
  });

  it('waits half of a turn at most, so that some of the turn is left for it', async () => {
    const world = createWorld({ settings: { minutes_to_process: 1 }, model: { latencyMs: () => 1000 } });
    const [id = ''] = await acceptPrompts(world, ['suspect']);
    world.requests.put({ ...itemOf(world, id), claims: 2, crashes: 2 });
    void startDrain(world);
    await world.clock.advance(29_000);
    expect(world.model.calls).toEqual([]);
    await world.clock.advance(5_000);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attemptLog: [{ suspect: true }] });
  });

  it('never runs beside another under suspicion', async () => {
    const world = createWorld({ model: { latencyMs: () => 10_000 } });
    const ids = await acceptPrompts(world, ['s1', 's2', 's3']);
    for (const id of ids) world.requests.put({ ...itemOf(world, id), claims: 2, crashes: 2 });
    await drain(world);
    expectAllAnswered(world, ids);
    const spans = world.model.calls.map(({ startedAtMs, endedAtMs = 0 }) => [startedAtMs, endedAtMs]);
    const overlapping = spans.filter(([start = 0], index) =>
      spans.some(([from = 0, to = 0], other) => other < index && start >= from && start < to),
    );
    expect(spans).toHaveLength(3);
    expect(overlapping).toEqual([]);
  });

  it('is told on the pool’s item before it runs, and no more once it has been written down', async () => {
    const world = createWorld();
    const [id = ''] = await acceptPrompts(world, ['suspect']);
    world.requests.put({ ...itemOf(world, id), claims: 2, crashes: 2 });
    const told: unknown[] = [];
    const around: Around = (effect, perform) => {
      if (nameOf(effect) === 'board.suspect') told.push(effect.args[2]);
      if (nameOf(effect) === 'model.call') told.push('called');
      if (nameOf(effect) === 'requests.finish') told.push('finished');
      return perform();
    };
    await drain(world, { around });
    await world.clock.advance(1000);
    expect(told).toEqual([id, 'called', 'finished', undefined]);
  });

  it('does not run when the pool’s item can not be told', async () => {
    const world = createWorld();
    const [id = ''] = await acceptPrompts(world, ['suspect']);
    world.requests.put({ ...itemOf(world, id), claims: 2, crashes: 2 });
    void startDrain(world, {
      around: (effect, perform) => {
        if (nameOf(effect) === 'board.suspect') throw new Error('no table');
        return perform();
      },
    });
    await world.clock.advance(100_000);
    expect(world.model.calls).toEqual([]);
    expect(itemOf(world, id).status).toBe('queued');
  });

  it('keeps its dead letter until that got through', async () => {
    const world = createWorld();
    const [id = ''] = await acceptPrompts(world, ['poison']);
    world.requests.put({ ...itemOf(world, id), claims: 4, crashes: 4, suspectCrashes: 2 });
    world.queues.refuse('dead-letter-haiku', () => true);
    void startDrain(world);
    await world.clock.advance(20_000);
    expect(notifications(world)).toMatchObject([{ status: 'failed', error: { code: 'crashed_drain' } }]);
    world.queues.refuse('dead-letter-haiku', () => false);
    await world.clock.advance(20_000);
    expect(world.queues.bodies('dead-letter-haiku')).toHaveLength(1);
    expectAllAnswered(world, [id]);
  });
});

describe('kills at random', () => {
  it.each([1, 2, 3])('condemn nobody, with seed %d', async (seed) => {
    const random = createRandom(seed);
    const world = createWorld({
      settings: { max_concurrent_executions: 20 },
      model: { latencyMs: () => 4000 + Math.round(random() * 4000) },
    });
    const ids = await acceptPrompts(world, prompts(300));
    // A process every twenty seconds or so, for ten minutes: much of what is in flight dies with each.
    for (let killedMs = 0; killedMs < 600_000; ) {
      await world.pools.endAll('haiku');
      const process = startProcess(world);
      const livesMs = Math.round(20_000 * -Math.log(1 - random()));
      await world.clock.advance(livesMs);
      process.kill();
      killedMs += livesMs;
    }
    for (let tick = 0; tick < 8; tick += 1) {
      await world.pools.endAll('haiku');
      await drain(world);
      await world.clock.advance(60_000);
    }
    expect(world.requests.all().filter(({ status }) => status !== 'succeeded')).toEqual([]);
    expectAllAnswered(world, ids);
  });
});
