import { type Around, failing, firstCalls, nameOf, recordInto } from '../../fakes/interpose.ts';
import { serviceFault } from '../../fakes/scripted-model.ts';
import { createWorld } from '../../fakes/world.ts';
import { acceptPrompts, BULK_LANE, NORMAL_LANE } from '../submissions.ts';
import { drain, expectAllAnswered, itemOf, startDrain, startProcess, waitingInLanes } from './drains.ts';

const prompts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `p${index}`);

/** One request a second and a call of ten seconds: always ten in flight, the rest waits. */
const slowWorld = () =>
  createWorld({
    settings: {
      minutes_to_process: 1,
      max_concurrent_executions: 10,
      models: {
        haiku: { model_id: 'm', quota: { tokens_per_minute: 10_000_000, requests_per_minute: 60 } },
      },
    },
    model: { latencyMs: () => 10_000 },
  });

describe('a drain that has nothing left to do', () => {
  it('lets the lease go, and then looks into every lane once more', async () => {
    const world = createWorld();
    const names: string[] = [];
    await drain(world, { around: recordInto(names) });
    const tail = names.slice(names.lastIndexOf('pools.release') - 1);
    expect(tail.filter((name) => name !== 'queues.setVisibility')).toEqual([
      'pools.ended',
      'pools.release',
      ...Array.from({ length: 10 }, () => 'queues.receive'),
      'pools.ended',
    ]);
  });

  it('takes the lease back for what came while it was held and sent no wake', async () => {
    const world = createWorld();
    let ids: readonly string[] = [];
    const around: Around = async (effect, perform) => {
      // The lanes were seen empty; whoever accepts now finds the lease held.
      if (nameOf(effect) === 'pools.release' && ids.length === 0) ids = await acceptPrompts(world, ['late']);
      return perform();
    };
    expect(await drain(world, { around })).toEqual({ kind: 'worked', reason: 'idle', finished: 1 });
    expect(world.queues.bodies('wake')).toEqual([]);
    expectAllAnswered(world, ids);
    expect(itemOf(world, ids[0]).epoch).toBe(2);
  });

  it('gives back what came meanwhile when somebody else has taken the lease', async () => {
    const world = createWorld();
    let stolen = false;
    const around: Around = async (effect, perform) => {
      const answer = await perform();
      if (nameOf(effect) === 'pools.release' && !stolen) {
        stolen = true;
        await acceptPrompts(world, ['late']);
        await world.pools.acquire('haiku', world.clock.nowMs(), 10_000);
      }
      return answer;
    };
    expect(await drain(world, { around })).toEqual({ kind: 'worked', reason: 'handed_over', finished: 0 });
    expect(world.model.calls).toEqual([]);
    expect(await world.queues.receive(NORMAL_LANE, { max: 10, waitSeconds: 0 })).toHaveLength(1);
  });

  it('hands the governor’s state to the next owner', async () => {
    const world = createWorld();
    await acceptPrompts(world, ['x']);
    await drain(world);
    const lease = await world.pools.acquire('haiku', world.clock.nowMs(), 1);
    expect(lease?.snapshot?.levels.tokens_per_minute).toBeGreaterThan(0);
    expect(lease).toMatchObject({ epoch: 2, liveEpochs: [2] });
  });
});

describe('a hand-over', () => {
  it('lets the second owner in when the first is ready; the first finishes what is in flight', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, prompts(150));
    const first = startProcess(world);
    await world.clock.advance(50_000);
    expect(await drain(world)).toEqual({ kind: 'not_needed' });
    await world.clock.advance(15_000);
    const second = startProcess(world);
    await world.clock.advance(4000);
    const claimedByFirst = world.requests.all().filter(({ epoch }) => epoch === 1).length;
    expect(await world.clock.run(first.outcome)).toMatchObject({ kind: 'worked', reason: 'handed_over' });
    expect(world.requests.all().filter(({ epoch }) => epoch === 1)).toHaveLength(claimedByFirst);
    expect(world.requests.all().filter(({ epoch, status }) => epoch === 1 && status !== 'succeeded')).toEqual(
      [],
    );
    expect(world.requests.all().filter(({ epoch }) => epoch === 2).length).toBeGreaterThan(0);
    expect(await world.clock.run(second.outcome)).toMatchObject({ kind: 'worked', reason: 'idle' });
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(150);
  });

  it('puts back what backs off, with its attempts, for the second owner to go on', async () => {
    const world = createWorld({
      settings: { minutes_to_process: 1 },
      model: { script: (_, before) => (before < 6 ? serviceFault : undefined), latencyMs: () => 12_000 },
    });
    const [id = ''] = await acceptPrompts(world, ['shaky']);
    const first = startProcess(world);
    await world.clock.advance(63_500);
    const second = startProcess(world);
    await world.clock.run(first.outcome);
    await world.clock.run(second.outcome);
    expect(itemOf(world, id)).toMatchObject({ status: 'succeeded', attempts: 7 });
    expect(itemOf(world, id).epoch).toBeGreaterThan(1);
    expect(itemOf(world, id).attemptLog.map(({ outcome }) => outcome)).toEqual([
      'service_fault',
      'service_fault',
      'answered',
    ]);
    expectAllAnswered(world, [id]);
  });

  it('survives every crash of the first owner while it hands over', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, prompts(100));
    const first = startProcess(world);
    await world.clock.advance(64_000);
    const second = startProcess(world);
    await world.clock.advance(2000);
    first.kill();
    // What the first had in flight is busy until its attempts are certainly over.
    await world.clock.run(second.outcome);
    await world.clock.advance(70_000);
    await drain(world);
    await world.clock.advance(70_000);
    await drain(world);
    expectAllAnswered(world, ids);
  });
});

describe('a drain that may not be the owner any more', () => {
  /** When claims were made by a drain whose acquiring takes so long, as does its one heartbeat that comes through. */
  const claimTimes = async (delays: { readonly acquireMs: number; readonly beatMs?: number }) => {
    const world = createWorld({
      settings: {
        models: {
          haiku: { model_id: 'm', quota: { tokens_per_minute: 10_000_000, requests_per_minute: 60 } },
        },
      },
    });
    await acceptPrompts(world, prompts(60));
    const claimedAtMs: number[] = [];
    let beats = 0;
    const around: Around = async (effect, perform) => {
      const name = nameOf(effect);
      if (name === 'requests.claim') claimedAtMs.push(world.clock.monotonicMs());
      if (name === 'pools.heartbeat') beats += 1;
      if (name === 'pools.heartbeat' && (delays.beatMs === undefined || beats > 1))
        throw new Error('no table');
      const answer = await perform();
      if (name === 'pools.acquire') await world.clock.sleep(delays.acquireMs);
      if (name === 'pools.heartbeat') await world.clock.sleep(delays.beatMs ?? 0);
      return answer;
    };
    void startDrain(world, { around });
    await world.clock.advance(40_000);
    expect(await world.pools.isHeld('haiku', world.clock.nowMs())).toBe(false);
    expect(world.telemetry.troubles()).toContain('heartbeat_failed');
    return claimedAtMs;
  };

  it('claims nothing in the last two seconds of its lease, when heartbeats fail', async () => {
    const times = await claimTimes({ acquireMs: 0 });
    expect(Math.max(...times)).toBeGreaterThan(6900);
    expect(Math.max(...times)).toBeLessThan(8050);
  });

  it('counts its lease from when it asked for it, not from the answer', async () => {
    const times = await claimTimes({ acquireMs: 5000 });
    expect(Math.min(...times)).toBeGreaterThan(5000);
    expect(Math.max(...times)).toBeLessThan(8050);
  });

  it('counts a longer lease from when the heartbeat was sent, not from the answer', async () => {
    // Sent after three seconds, answered after seven.
    const times = await claimTimes({ acquireMs: 0, beatMs: 4000 });
    expect(Math.max(...times)).toBeGreaterThan(9900);
    expect(Math.max(...times)).toBeLessThan(11_100);
  });

  it('claims again once a heartbeat came through', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, prompts(30));
    await drain(world, { around: failing(firstCalls('pools.heartbeat', 5)) });
    expectAllAnswered(world, ids);
  });

  it('claims nothing when it wakes from a pause that its lease did not outlive', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, prompts(60));
    const first = startProcess(world);
    await world.clock.advance(12_000);
    first.pause();
    await world.clock.advance(15_000);
    const second = startProcess(world);
    await world.clock.advance(10_000);
    const ofFirst = () => world.requests.all().filter(({ epoch }) => epoch === 1).length;
    const before = ofFirst();
    first.resume();
    expect(await world.clock.run(first.outcome)).toMatchObject({ reason: 'handed_over' });
    expect(ofFirst()).toBe(before);
    await world.clock.run(second.outcome);
    await world.clock.advance(70_000);
    await drain(world);
    expectAllAnswered(world, ids);
  });

  it('goes on after a short pause', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, prompts(20));
    const only = startProcess(world);
    await world.clock.advance(5000);
    only.pause();
    await world.clock.advance(4000);
    only.resume();
    expect(await world.clock.run(only.outcome)).toMatchObject({ reason: 'idle', finished: 20 });
    expectAllAnswered(world, ids);
  });

  it('never runs one request twice at once, whenever it is paused', async () => {
    for (const pausedAtMs of [1000, 7000, 9000, 20_000]) {
      const world = slowWorld();
      const ids = await acceptPrompts(world, prompts(25));
      const first = startProcess(world);
      await world.clock.advance(pausedAtMs);
      first.pause();
      await world.clock.advance(11_000);
      const second = startProcess(world);
      await world.clock.advance(60_000);
      first.resume();
      await world.clock.run(first.outcome);
      await world.clock.run(second.outcome);
      await world.clock.advance(70_000);
      await drain(world);
      expectAllAnswered(world, ids);
    }
  });
});

describe('a drain whose function is about to end', () => {
  it('stops 40 seconds before, gives back what waits, and lets the lease go', async () => {
    const world = slowWorld();
    const ids = await acceptPrompts(world, prompts(200));
    const outcome = await drain(world, { lifeMs: 100_000 });
    expect(outcome).toMatchObject({ kind: 'worked', reason: 'time' });
    expect(world.clock.monotonicMs()).toBeLessThan(75_000);
    expect(world.requests.all().filter(({ status }) => status === 'running')).toEqual([]);
    expect(await world.pools.isHeld('haiku', world.clock.nowMs())).toBe(false);
    const visible = await world.queues.receive(BULK_LANE, { max: 10, waitSeconds: 0 });
    expect(visible).toHaveLength(10);
    await world.clock.advance(60_000);
    await drain(world);
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(200);
  });

  it('gives back at once what was refused while it finished', async () => {
    const world = createWorld({ model: { script: () => serviceFault, latencyMs: () => 15_000 } });
    const [id = ''] = await acceptPrompts(world, ['refused']);
    expect(await drain(world, { lifeMs: 50_000 })).toMatchObject({ reason: 'time', finished: 0 });
    expect(itemOf(world, id)).toMatchObject({
      status: 'queued',
      attempts: 1,
      attemptLog: [{ outcome: 'service_fault' }],
    });
    expect(await world.queues.receive(NORMAL_LANE, { max: 1, waitSeconds: 0 })).toHaveLength(1);
  });

  it('claims nothing that it can not expect to finish', async () => {
    const world = createWorld({ settings: { minutes_to_process: 10 } });
    const ids = await acceptPrompts(world, ['long'], { max_tokens: 6000 });
    // 6,000 tokens at 60 a second are 100 s, and 30 s to begin: more than the 92 s that are left.
    const outcome = startDrain(world, { lifeMs: 100_000 });
    await world.clock.advance(15_000);
    expect(world.model.calls).toEqual([]);
    expect(waitingInLanes(world)).toBe(1);
    await world.clock.run(outcome);
    await world.clock.advance(60_000);
    await drain(world);
    expectAllAnswered(world, ids);
  });

  it('keeps what it can not finish for its successor, who has it at once, and looks at it only once', async () => {
    const world = createWorld({
      settings: { minutes_to_process: 10 },
      model: { latencyMs: (prompt) => (prompt === 'busy' ? 70_000 : 1000) },
    });
    const busy = await acceptPrompts(world, ['busy'], { max_tokens: 600 });
    const ids = await acceptPrompts(world, ['long'], { max_tokens: 6000 });
    const received: string[] = [];
    const first = startDrain(world, {
      lifeMs: 130_000,
      around: async (effect, perform) => {
        const answer = await perform();
        if (effect.method === 'receive' && (answer as readonly unknown[]).length > 0)
          received.push(String(effect.args[0]));
        return answer;
      },
    });
    // The minute's tick comes late.
    await world.clock.advance(55_000);
    expect(received).toEqual([NORMAL_LANE]);
    const second = startDrain(world);
    await world.clock.advance(5_000);
    expect(world.model.prompts()).toEqual(['busy', 'long']);
    await Promise.all([world.clock.run(first), world.clock.run(second)]);
    expectAllAnswered(world, [...busy, ...ids]);
  });

  it('bounds the time of a call by its own end', async () => {
    const world = createWorld({ model: { latencyMs: () => 3_600_000 } });
    await acceptPrompts(world, ['long'], { max_tokens: 600 });
    void startDrain(world, { lifeMs: 70_000 });
    await world.clock.advance(5000);
    // 70 s, less 8 s to settle and 2 s of margin.
    expect(world.model.calls.map(({ timeoutMs }) => Math.round(timeoutMs / 1000))).toEqual([60]);
  });
});
