import type { RequestItem } from '../../../shared/contract/request-item.ts';
import { isTerminal } from '../../../shared/contract/statuses.ts';
import { createCancelRequest } from '../../../shared/flows/cancel-request.ts';
import { settleResults } from '../../../shared/flows/drain/settle-results.ts';
import { createSettling } from '../../../shared/flows/drain/settling.ts';
import { createReconcile } from '../../../shared/flows/reconcile/reconcile-table.ts';
import { heldWith, itemWith, NOON_MS } from '../../core/samples.ts';
import { exploreOrders, type Gates, type Run } from '../../fakes/interleavings.ts';
import { type Around, nameOf } from '../../fakes/interpose.ts';
import { answerTo } from '../../fakes/scripted-model.ts';
import { acceptDepsOf, createWorld, drainDepsOf, reconcileDepsOf, type World } from '../../fakes/world.ts';
import { HOUR_MS } from './reconciling.ts';

// Thousands of orders; a busy machine takes longer than the usual five seconds.
jest.setTimeout(240_000);

const ATTEMPT_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Effects that others can notice; the rest would only multiply the orders. */
const NOTICED = new Set([
  'requestReader.readMany',
  'requests.read',
  'requests.claim',
  'requests.putBack',
  'requests.finish',
  'requests.cancel',
]);

interface Watch {
  live: number;
  mostLive: number;
  calls: number;
  ends: number;
  endedAlive: boolean;
}

/** Whoever writes an end, and whether a call was alive then. */
const watchEnds = (world: World, watch: Watch): void => {
  const { finish, cancel } = world.requests;
  const watching =
    <How extends { readonly requestId: string; readonly status: string }, Outcome>(
      write: (how: How) => Promise<Outcome>,
    ) =>
    async (how: How): Promise<Outcome> => {
      const before = await world.requests.read(how.requestId);
      const outcome = await write(how);
      if (JSON.stringify(before) === JSON.stringify(await world.requests.read(how.requestId))) return outcome;
      watch.ends += 1;
      if (how.status === 'expired' && watch.live > 0) watch.endedAlive = true;
      return outcome;
    };
  world.requests.finish = watching(finish);
  world.requests.cancel = watching(cancel);
};

const gated =
  (actor: string, world: World, gates: Gates): Around =>
  async (effect, perform) => {
    if (!NOTICED.has(nameOf(effect))) return perform();
    const sinceMs = world.clock.monotonicMs();
    await gates.pass(`${actor} ${nameOf(effect)}`, sinceMs);
    const answer = await perform();
    const told =
      answer instanceof Map
        ? [...answer.values()]
        : Object(answer).kind === undefined
          ? answer
          : Object(answer).kind;
    gates.note([actor, nameOf(effect), sinceMs, world.clock.monotonicMs(), told ?? null]);
    return answer;
  };

interface Actors {
  readonly world: World;
  readonly gates: Gates;
  readonly watch: Watch;
}

/** An owner around one request: claims it, calls, and settles; gives the call up when its attempt is over. */
const own = async (epoch: number, { world, gates, watch }: Actors): Promise<void> => {
  const actor = `owner ${epoch}`;
  const { clock } = world;
  // Without the time that a store takes: the explorer says what takes time.
  const deps = { ...drainDepsOf(world), ...reconcileDepsOf(world, gated(actor, world, gates)) };
  const held = heldWith();
  const untilMs = clock.nowMs() + ATTEMPT_MS;
  const outcome = await deps.requests.claim(held.request_id, {
    epoch,
    nowMs: clock.nowMs(),
    attemptUntilMs: untilMs,
    liveEpochs: [8, 9],
  });
  if (outcome.kind !== 'claimed') return;
  if (clock.nowMs() >= untilMs) return;
  watch.live += 1;
  watch.calls += 1;
  watch.mostLive = Math.max(watch.mostLive, watch.live);
  await Promise.race([
    gates.pass(`${actor} is answered`, clock.monotonicMs()),
    clock.sleep(untilMs - clock.nowMs()),
  ]);
  watch.live -= 1;
  gates.note([actor, 'answered', clock.monotonicMs()]);
  const answered = answerTo('x');
  const pool = world.settings.models.haiku;
  if (pool === undefined || answered.kind !== 'answered') throw new Error('There is no pool, or no answer.');
  const { attempts, attemptLog } = outcome.item;
  const settling = createSettling(
    {
      staged: { id: held.request_id, held, priority: 'normal', receipts: [], attemptLog },
      epoch,
      ended: {
        ending: { status: 'succeeded', answer: answered.answer },
        attempts,
        calledAtMs: clock.nowMs(),
        finishedAtMs: clock.nowMs(),
      },
    },
    { pool, region: 'us-east-1' },
  );
  await settleResults('haiku', [settling], deps);
};

const reconcileOnce = ({ world, gates }: Actors): Promise<unknown> =>
  createReconcile(reconcileDepsOf(world, gated('reconciler', world, gates)))({ remainingMs: () => 300_000 });

const cancelOnce = ({ world, gates }: Actors): Promise<unknown> =>
  createCancelRequest(acceptDepsOf(world, gated('canceler', world, gates)))({
    requestId: itemWith().requestId,
    tenant: 'default',
  });

interface Scenario {
  readonly item: Partial<RequestItem>;
  readonly jumpsMs: readonly number[];
  readonly others: readonly ((actors: Actors) => Promise<unknown>)[];
  readonly breakWorld?: (world: World) => void;
}

const scenario =
  ({ item, jumpsMs, others, breakWorld }: Scenario) =>
  (gates: Gates): Run => {
    const world = createWorld();
    const watch: Watch = { live: 0, mostLive: 0, calls: 0, ends: 0, endedAlive: false };
    world.requests.put(itemWith(item));
    breakWorld?.(world);
    watchEnds(world, watch);
    const actors = { world, gates, watch };
    for (const act of [reconcileOnce, ...others]) void act(actors);
    const jumps = new Set<number>();
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
      state: () => [
        world.clock.monotonicMs(),
        world.requests.all(),
        watch,
        world.queues.bodies('results').length,
      ],
      faults: () => {
        const [now] = world.requests.all();
        const faults: string[] = [];
        if (watch.mostLive > 1) faults.push('two calls of one request were alive at once');
        if (watch.ends > 1) faults.push('it ended twice');
        if (watch.endedAlive) faults.push('it expired while its call was alive');
        if (now !== undefined && isTerminal(now.status) !== (watch.ends === 1))
          faults.push(`it is ${now.status} after ${watch.ends} ends`);
        if (now !== undefined && now.attempts < watch.calls + (item.attempts ?? 0))
          faults.push('a call is missing from the journal');
        return faults;
      },
    };
  };

/** Left by an owner that has died long ago. */
const LEFT: Partial<RequestItem> = {
  status: 'running',
  acceptedAtMs: NOON_MS - 3 * HOUR_MS,
  expiresAtMs: NOON_MS + DAY_MS,
  claims: 1,
  attempts: 1,
  epoch: 7,
  attemptUntilMs: NOON_MS - 2 * HOUR_MS,
  attemptLog: [{ epoch: 7, startedAtMs: NOON_MS - 2 * HOUR_MS - ATTEMPT_MS }],
};

const OWNERS = [8, 9].map((epoch) => (actors: Actors) => own(epoch, actors));

describe('the reconciler beside others, in every order of their effects', () => {
  it('lets what was left wait again, and never takes it from an owner who has claimed it since', async () => {
    const explored = await exploreOrders(scenario({ item: LEFT, jumpsMs: [2 * HOUR_MS], others: OWNERS }));
    expect(explored.failure).toBeUndefined();
    expect(explored.states).toBeGreaterThan(500);
  });

  it('ends what is past its deadline once, whoever else ends it', async () => {
    const explored = await exploreOrders(
      scenario({
        item: { expiresAtMs: NOON_MS + 30_000 },
        jumpsMs: [61_000, 2 * HOUR_MS],
        others: [...OWNERS.slice(0, 1), cancelOnce],
      }),
    );
    expect(explored.failure).toBeUndefined();
    expect(explored.states).toBeGreaterThan(50);
  });

  it('ends what was left past its deadline once, beside an owner and a canceler', async () => {
    const explored = await exploreOrders(
      scenario({
        item: { ...LEFT, expiresAtMs: NOON_MS - HOUR_MS - 1 },
        jumpsMs: [61_000],
        others: [...OWNERS.slice(0, 1), cancelOnce],
      }),
    );
    expect(explored.failure).toBeUndefined();
    expect(explored.states).toBeGreaterThan(20);
  });

  it('would be caught if it put back whatever runs', async () => {
    const explored = await exploreOrders(
      scenario({
        item: LEFT,
        jumpsMs: [],
        others: OWNERS,
        breakWorld: (world) => {
          world.requests.putBack = async (id) => {
            const item = await world.requests.read(id);
            if (item?.status === 'running') world.requests.put({ ...item, status: 'queued' });
          };
        },
      }),
    );
    expect(explored.failure?.faults).toContain('two calls of one request were alive at once');
  });

  it('would be caught if it ended whatever runs', async () => {
    const explored = await exploreOrders(
      scenario({
        item: { ...LEFT, expiresAtMs: NOON_MS - HOUR_MS - 1 },
        jumpsMs: [],
        others: OWNERS,
        breakWorld: (world) => {
          // As if an owner were given what has expired, and the reconciler ended it all the same.
          const { claim, cancel, finish } = world.requests;
          world.requests.claim = async (id, how) => {
            const item = await world.requests.read(id);
            if (item !== undefined) world.requests.put({ ...item, expiresAtMs: how.nowMs + 1 });
            return claim(id, how);
          };
          world.requests.cancel = async (how) =>
            (await finish(how)) === 'finished' ? 'canceled' : cancel(how);
        },
      }),
    );
    expect(explored.failure).toBeDefined();
  });
});
