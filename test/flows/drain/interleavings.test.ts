import { NO_CONTROLS } from '../../../shared/contract/controls.ts';
import type { HeldRequest } from '../../../shared/contract/messages.ts';
import type { RequestItem } from '../../../shared/contract/request-item.ts';
import { isTerminal } from '../../../shared/contract/statuses.ts';
import { createSession } from '../../../shared/flows/drain/create-session.ts';
import type { DrainDeps } from '../../../shared/flows/drain/drain-deps.ts';
import { createStaged } from '../../../shared/flows/drain/held-requests.ts';
import { putBackWaiting } from '../../../shared/flows/drain/put-back.ts';
import { runRequest } from '../../../shared/flows/drain/run-request.ts';
import { type Session, toPlannedCall } from '../../../shared/flows/drain/session.ts';
import { settleResults } from '../../../shared/flows/drain/settle-results.ts';
import { createSettling, type Settling } from '../../../shared/flows/drain/settling.ts';
import type { Model } from '../../../shared/ports/model.ts';
import { heldWith, itemWith, NOON_MS } from '../../core/samples.ts';
import { exploreOrders, type Gates, type Run } from '../../fakes/interleavings.ts';
import { interpose, nameOf } from '../../fakes/interpose.ts';
import { answerTo, faultOf } from '../../fakes/scripted-model.ts';
import { createWorld, drainDepsOf, type World } from '../../fakes/world.ts';

// Thousands of orders; a busy machine takes longer than the usual five seconds.
jest.setTimeout(240_000);

const LEASE_MS = 10_000;
const LIFE_MS = 900_000;
const DAY_MS = 86_400_000;

/** Effects that the other owner can notice; the rest would only multiply the orders. */
const NOTICED = new Set([
  'pools.acquire',
  'requests.claim',
  'requests.putBack',
  'requests.finish',
  'pools.ended',
]);

/** What must hold in every order. */
interface Watch {
  live: number;
  mostLive: number;
  calls: number;
  ends: number;
}

const watchEnds = (world: World, watch: Watch): void => {
  const { finish } = world.requests;
  world.requests.finish = async (how) => {
    const before = await world.requests.read(how.requestId);
    const outcome = await finish(how);
    const after = await world.requests.read(how.requestId);
    if (JSON.stringify(before) !== JSON.stringify(after)) watch.ends += 1;
    return outcome;
  };
};

/** The explorer says when a call begins and when it is answered; its owner gives it up in time. */
const gatedModel = (actor: string, world: World, gates: Gates, watch: Watch): Model => ({
  call: async ({ untilMs }) => {
    await gates.pass(`${actor} calls`, world.clock.monotonicMs());
    if (world.clock.nowMs() >= untilMs) return faultOf('TimeoutError', undefined);
    watch.live += 1;
    watch.calls += 1;
    watch.mostLive = Math.max(watch.mostLive, watch.live);
    const timedOut = world.clock.sleep(untilMs - world.clock.nowMs()).then(() => 'late');
    const end = await Promise.race([gates.pass(`${actor} is answered`, world.clock.monotonicMs()), timedOut]);
    watch.live -= 1;
    gates.note([actor, 'call', end ?? 'answered', world.clock.monotonicMs()]);
    return end === 'late' ? faultOf('TimeoutError', undefined) : answerTo('x');
  },
});

/** Of an answer, what decides what its owner does next. */
const whatItTells = (answer: unknown): unknown => {
  const { kind, epoch, liveEpochs } = Object(answer) as Readonly<Record<string, unknown>>;
  return answer === undefined ? null : [kind, epoch, liveEpochs];
};

interface Actor {
  readonly name: string;
  /** Whether its heartbeats come through; a process that stands still has none. */
  readonly beats: boolean;
}

const depsOf = ({ name: actor, beats }: Actor, world: World, gates: Gates, watch: Watch): DrainDeps => {
  const plain = drainDepsOf(world);
  const gated = <P extends object>(name: string, port: P): P =>
    interpose(name, port, async (effect, perform) => {
      if (!beats && nameOf(effect) === 'pools.heartbeat') return new Promise(() => {});
      if (!NOTICED.has(nameOf(effect))) return perform();
      const sinceMs = world.clock.monotonicMs();
      await gates.pass(`${actor} ${nameOf(effect)}`, sinceMs);
      const answer = await perform();
      gates.note([actor, nameOf(effect), sinceMs, world.clock.monotonicMs(), whatItTells(answer)]);
      return answer;
    });
  return {
    ...plain,
    pools: gated('pools', world.pools),
    board: world.pools,
    requests: gated('requests', world.requests),
    queues: world.queues,
    objects: world.objects,
    ledger: world.ledger,
    tenants: world.tenants,
    model: gatedModel(actor, world, gates, watch),
  };
};

const settleAll = async (session: Session, settlings: readonly Settling[]): Promise<void> => {
  if (settlings.length > 0) await settleResults('haiku', settlings, session.deps);
};

interface OwnerOptions {
  readonly wake: () => Promise<void>;
  readonly deps: DrainDeps;
  readonly held: HeldRequest;
  /** When it is ready to hand over, from its start. */
  readonly workMs: number;
}

/** One owner around one request: takes the lease, claims, calls, settles, and says that it has ended. */
const own = async ({ wake, deps, held, workMs }: OwnerOptions): Promise<void> => {
  await wake();
  const { clock } = deps;
  const pool = deps.settings.models.haiku;
  if (pool === undefined) throw new Error('There is no pool.');
  const sentAtMs = clock.monotonicMs();
  const lease = await deps.pools.acquire('haiku', clock.nowMs(), LEASE_MS);
  if (lease === undefined) return;
  const input = { pool: 'haiku', remainingMs: () => LIFE_MS };
  const startedAtMs = clock.monotonicMs() + workMs - deps.settings.minutes_to_process * 60_000;
  const asSettings = { granted: { pool, reading: undefined, use: undefined }, controls: NO_CONTROLS };
  const real = createSession({ input, deps, pool, startedAtMs, ...asSettings }, { lease, sentAtMs });
  const settlings: Settling[] = [];
  const settler = {
    ...real.settler,
    add: (finished: Parameters<typeof createSettling>[0]) =>
      void settlings.push(createSettling(finished, { pool, region: 'us-east-1' })),
  };
  const session: Session = Object.assign(Object.create(real), { ...real, settler });
  const beating = new AbortController();
  void session.keeper.run(beating.signal);
  const staged = createStaged(
    { held, receipt: { queue: 'q', receipt: 'r' }, sizeBytes: 1, band: 'express' },
    clock.monotonicMs(),
  );
  session.held.set(staged.id, staged);
  if (session.keeper.mayClaim()) {
    const sent = session.governor.sent(toPlannedCall(staged), clock.nowMs());
    staged.phase = 'running';
    await runRequest(session, staged, sent);
  }
  await putBackWaiting(session);
  await settleAll(session, settlings);
  beating.abort();
  await deps.pools.ended('haiku', session.keeper.epoch);
};

interface ScenarioOptions {
  readonly workMs: number;
  /** Of the first owner. */
  readonly beats: boolean;
  /** By how much the clock may be moved, once each, at any moment. */
  readonly jumpsMs: readonly number[];
  readonly breakWorld?: (world: World) => void;
}

const scenario =
  ({ workMs, beats, jumpsMs, breakWorld }: ScenarioOptions) =>
  (gates: Gates): Run => {
    const world = createWorld();
    const watch: Watch = { live: 0, mostLive: 0, calls: 0, ends: 0 };
    const held = heldWith({ expires_at_ms: NOON_MS + DAY_MS });
    world.requests.put(itemWith({ expiresAtMs: NOON_MS + DAY_MS }));
    breakWorld?.(world);
    watchEnds(world, watch);
    const jumps = new Set<number>();
    for (const actor of ['A', 'B'])
      void own({
        // Who is first is called A: the other order would be the same.
        wake: async () => {
          if (actor === 'B') await gates.pass('B wakes', 0);
        },
        deps: depsOf({ name: actor, beats: beats || actor === 'B' }, world, gates, watch),
        held,
        workMs,
      });
    const item = (): RequestItem | undefined => world.requests.all()[0];
    return {
      moves: Object.fromEntries(
        jumpsMs.map((jumpMs) => [
          `${jumpMs} ms pass`,
          async () => {
            if (jumps.has(jumpMs)) return;
            jumps.add(jumpMs);
            await world.clock.advance(jumpMs);
          },
        ]),
      ),
      state: () => [world.clock.monotonicMs(), item(), watch],
      faults: () => {
        const now = item();
        const faults: string[] = [];
        if (watch.mostLive > 1) faults.push('two calls of one request were alive at once');
        if (watch.ends > 1) faults.push('it ended twice');
        if (now !== undefined && isTerminal(now.status) !== (watch.ends === 1))
          faults.push(`it is ${now.status} after ${watch.ends} ends`);
        if (now !== undefined && now.attempts < watch.calls)
          faults.push('a call is missing from the journal');
        return faults;
      },
    };
  };

describe('two owners around one request, in every order of their effects', () => {
  it('never call it twice at once, and end it once: the second comes when the lease has run out', async () => {
    const explored = await exploreOrders(
      scenario({ workMs: 600_000, beats: false, jumpsMs: [11_000, 45_000] }),
    );
    expect(explored.failure).toBeUndefined();
    expect(explored.states).toBeGreaterThan(1000);
    expect(explored.ends).toBeGreaterThan(5);
  });

  it('never call it twice at once, and end it once: the second comes when the first is ready to hand over', async () => {
    const explored = await exploreOrders(scenario({ workMs: 0, beats: true, jumpsMs: [600] }));
    expect(explored.failure).toBeUndefined();
    expect(explored.states).toBeGreaterThan(300);
    expect(explored.ends).toBeGreaterThan(5);
  });

  it('would be caught if a claim were granted to whoever asks', async () => {
    const explored = await exploreOrders(
      scenario({
        workMs: 600_000,
        beats: false,
        jumpsMs: [11_000],
        breakWorld: (world) => {
          const { claim } = world.requests;
          world.requests.claim = (id, how) => claim(id, { ...how, liveEpochs: [] });
        },
      }),
    );
    expect(explored.failure?.faults).toContain('two calls of one request were alive at once');
  });

  it('would be caught if the last finisher won', async () => {
    const explored = await exploreOrders(
      scenario({
        workMs: 600_000,
        beats: false,
        jumpsMs: [45_000],
        breakWorld: (world) => {
          const { finish } = world.requests;
          world.requests.finish = async (how) => {
            const item = await world.requests.read(how.requestId);
            if (item !== undefined) world.requests.put({ ...item, status: 'running' });
            return finish(how);
          };
        },
      }),
    );
    expect(explored.failure?.faults).toContain('it ended twice');
  });
});
