import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createWorld, type World } from '../../fakes/world.ts';
import { acceptPrompts } from '../submissions.ts';
import { expectAllAnswered, startDrain, startProcess } from './drains.ts';

// An hour of virtual time and thousands of requests; a busy machine takes longer than the usual five seconds.
jest.setTimeout(400_000);

/** A minute, and what an owner needs to say after a minute that it is ready. */
const TICK_MS = 62_000;
const TICKS = 58;

/** Two requests a second at most, calls of eight seconds: about sixteen in flight, the rest waits. */
const steadyWorld = () =>
  createWorld({
    settings: {
      minutes_to_process: 1,
      max_concurrent_executions: 60,
      models: {
        haiku: { model_id: 'm', quota: { tokens_per_minute: 100_000_000, requests_per_minute: 120 } },
      },
    },
    model: { latencyMs: () => 8000 },
  });

/** Keeps a backlog, and wakes the pool with each tick, as the schedule does. */
const runFor = async (world: World, ticks: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    // A little more than the quota lets through, so that there is always something that waits.
    ids.push(
      ...(await acceptPrompts(
        world,
        Array.from({ length: tick === 0 ? 400 : 125 }, (_, index) => `p${tick}-${index}`),
      )),
    );
    void startDrain(world);
    await world.clock.advance(TICK_MS);
  }
  return ids;
};

const callsPerFiveSeconds = (world: World): readonly number[] => {
  const counts: number[] = [];
  for (const { startedAtMs } of world.model.calls) {
    const bin = Math.floor(startedAtMs / 5000);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0);
};

describe('a hand-over every minute, for an hour', () => {
  // The first minute spends what the bucket has stored.
  it('shows no dip in the calls of any five seconds, sends nothing twice, and answers everything once', async () => {
    const world = steadyWorld();
    const ids = await runFor(world, TICKS);
    const steady = callsPerFiveSeconds(world).slice(12, (TICKS * TICK_MS) / 5000);
    // Ten in five seconds is the quota.
    expect(Math.min(...steady)).toBeGreaterThanOrEqual(9);
    expect(Math.max(...steady)).toBeLessThanOrEqual(11);
    for (let tick = 0; tick < 5; tick += 1) {
      void startDrain(world);
      await world.clock.advance(TICK_MS);
    }
    expectAllAnswered(world, ids);
    expect(world.model.calls).toHaveLength(ids.length);
    expect(new Set(world.requests.all().map(({ epoch }) => epoch)).size).toBeGreaterThanOrEqual(57);
  });
});

describe('an owner that was followed', () => {
  const handOver = async (around?: Around) => {
    const world = steadyWorld();
    await acceptPrompts(
      world,
      Array.from({ length: 600 }, (_, index) => `p${index}`),
    );
    const first = startDrain(world, around === undefined ? {} : { around });
    await world.clock.advance(65_000);
    const second = startProcess(world);
    return { world, first, second };
  };

  it('notices within about a second, claims nothing more, and tells what it has under way every second', async () => {
    const reports: { atMs: number; inFlight: number }[] = [];
    const claimedAtMs: number[] = [];
    let world: World | undefined;
    const around: Around = (effect, perform) => {
      const atMs = world?.clock.monotonicMs() ?? 0;
      if (nameOf(effect) === 'requests.claim') claimedAtMs.push(atMs);
      if (nameOf(effect) === 'board.report' && atMs > 0)
        reports.push({ atMs, inFlight: (effect.args[1] as { inFlight: number }).inFlight });
      return perform();
    };
    const handed = await handOver(around);
    world = handed.world;
    await world.clock.run(handed.first);
    expect(Math.max(...claimedAtMs)).toBeLessThan(66_200);
    expect(reports.length).toBeGreaterThanOrEqual(7);
    expect(reports[0]?.inFlight).toBeGreaterThan(10);
    expect(reports.at(-1)?.inFlight).toBe(0);
    const gaps = reports.slice(1).map(({ atMs }, index) => atMs - (reports[index]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(1300);
  });

  it('leaves no report behind once it has ended', async () => {
    const { world, first } = await handOver();
    await world.clock.advance(3000);
    const during = await world.pools.acquire('haiku', world.clock.nowMs() + 60_000, 1);
    expect(during?.reports.map(({ epoch }) => epoch)).toEqual([1]);
    await world.clock.run(first);
    const after = await world.pools.acquire('haiku', world.clock.nowMs() + 120_000, 1);
    expect(after?.reports.map(({ epoch }) => epoch)).not.toContain(1);
    expect(after?.liveEpochs).not.toContain(1);
  });

  it('counts for its successor: together they never have more calls under way than one may', async () => {
    const world = createWorld({
      settings: { minutes_to_process: 1, max_concurrent_executions: 10 },
      model: { latencyMs: () => 20_000 },
    });
    await acceptPrompts(
      world,
      Array.from({ length: 200 }, (_, index) => `p${index}`),
      { max_tokens: 300 },
    );
    void startDrain(world);
    await world.clock.advance(65_000);
    void startDrain(world);
    await world.clock.advance(60_000);
    const underWay = (atMs: number): number =>
      world.model.calls.filter((call) => call.startedAtMs <= atMs && atMs < (call.endedAtMs ?? Infinity))
        .length;
    const late = world.model.calls.map(({ startedAtMs }) => startedAtMs).filter((atMs) => atMs > 68_000);
    expect(late.length).toBeGreaterThan(10);
    expect(Math.max(...late.map(underWay))).toBeLessThanOrEqual(10);
  });

  it('goes on telling when a report does not get through', async () => {
    let failures = 0;
    const { world, first } = await handOver((effect, perform) => {
      if (nameOf(effect) !== 'board.report' || failures >= 2) return perform();
      failures += 1;
      throw new Error('no table');
    });
    await world.clock.run(first);
    expect(failures).toBe(2);
    expect(world.telemetry.troubles()).toContain('report_failed');
  });
});
