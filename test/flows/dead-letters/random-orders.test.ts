import { generationOf } from '../../../shared/contract/request-item.ts';
import { isTerminal } from '../../../shared/contract/statuses.ts';
import { endedIn, sumTallies } from '../../../shared/core/batch-tally.ts';
import { createCancelRequest } from '../../../shared/flows/cancel-request.ts';
import { createRedrive } from '../../../shared/flows/dead-letters/redrive.ts';
import type { Around } from '../../fakes/interpose.ts';
import { faultOf } from '../../fakes/scripted-model.ts';
import { createRandom } from '../../fakes/sequences.ts';
import { createSimulatedProcess } from '../../fakes/simulated-process.ts';
import { acceptDepsOf, createWorld, type World } from '../../fakes/world.ts';
import { acceptedBatch, memberId, splitAll } from '../batches/batches.ts';
import { drain, notifications, startProcess } from '../drain/drains.ts';
import { acceptPrompts } from '../submissions.ts';

// Minutes of virtual time, many times over; a busy machine takes longer than the usual five seconds.
jest.setTimeout(240_000);

const SEEDS = 40;
const MEMBERS = 3;
const LETTERS = 'dead-letter-haiku';
const LANES = ['hold-haiku-normal-express', 'hold-haiku-normal-bulk-1'];
const QUEUES = ['hold-haiku-normal-express', 'hold-haiku-high-bulk-0', 'parked-haiku'];

/** Whole milliseconds, as clocks have them. */
const upTo = (mostMs: number, random: () => number): number => Math.floor(random() * mostMs);

interface Scene {
  readonly world: World;
  readonly random: () => number;
  readonly ids: readonly string[];
  readonly batchId: string;
  /** The messages of their first lives. */
  readonly old: readonly string[];
  /** How often each request came to an end. */
  readonly ends: Map<string, number>;
}

const watchEnds = (world: World, ends: Map<string, number>): void => {
  const { finish, cancel } = world.requests;
  const watched =
    <How extends { readonly requestId: string }, Outcome>(write: (how: How) => Promise<Outcome>) =>
    async (how: How): Promise<Outcome> => {
      const before = await world.requests.read(how.requestId);
      const outcome = await write(how);
      const after = await world.requests.read(how.requestId);
      if (
        before !== undefined &&
        after !== undefined &&
        !isTerminal(before.status) &&
        isTerminal(after.status)
      )
        ends.set(how.requestId, (ends.get(how.requestId) ?? 0) + 1);
      return outcome;
    };
  world.requests.finish = watched(finish);
  world.requests.cancel = watched(cancel);
};

/** Two requests and a batch, all of them dead. */
const createScene = async (seed: number): Promise<Scene> => {
  const random = createRandom(seed);
  const world = createWorld({
    model: {
      latencyMs: () => 200 + upTo(4000, random),
      script: (_, before) =>
        before < 2 && random() < 0.8 - before / 2 ? faultOf('AccessDeniedException', 403) : undefined,
    },
  });
  const ends = new Map<string, number>();
  watchEnds(world, ends);
  const single = await acceptPrompts(world, ['s0', 's1']);
  const requests = Array.from({ length: MEMBERS }, (_, index) => ({ prompt: `m${index}`, max_tokens: 50 }));
  const { batchId } = await acceptedBatch(world, { requests });
  await splitAll(world);
  const old = [...LANES].flatMap((lane) => world.queues.bodies(lane));
  await drain(world);
  const ids = [...single, ...requests.map((_, index) => memberId(batchId, index))];
  return { world, random, ids, batchId, old, ends };
};

/** A redrive whose every effect takes its time, and whose process may die in the middle. */
const startRedrive = ({ world, random }: Scene): void => {
  const process = createSimulatedProcess(world.clock);
  const around: Around = async (effect, perform) => {
    await world.clock.sleep(upTo(400, random));
    if (random() < 0.02) process.kill();
    return process.around(effect, perform);
  };
  void createRedrive(acceptDepsOf(world, around))({ why: 'try' }, 'anybody');
};

/** Ends at once while another has the lease. */
const startDrain = ({ world, random }: Scene): void => {
  const process = startProcess(world);
  if (random() < 0.5) void world.clock.sleep(upTo(20_000, random)).then(() => process.kill());
};

const cancelOne = ({ world, random, ids }: Scene): void => {
  const requestId = ids[Math.floor(random() * ids.length)] ?? '';
  void createCancelRequest(acceptDepsOf(world))({ requestId, tenant: 'default' }).catch(() => {});
};

const moveLetters = async ({ world, random }: Scene): Promise<void> => {
  const to = QUEUES[Math.floor(random() * QUEUES.length)] ?? '';
  const messages = await world.queues.receive(LETTERS, { max: 10, waitSeconds: 0 });
  await world.queues.send(
    to,
    messages.map(({ body }) => ({ body })),
  );
  if (random() < 0.5) world.queues.duplicate(to);
  await world.queues.remove(messages.map(({ receipt }) => ({ queue: LETTERS, receipt })));
};

/** As a standard queue may: a message of long ago. */
const deliverLate = async ({ world, random, old }: Scene): Promise<void> => {
  const body = old[Math.floor(random() * old.length)] ?? '';
  await world.queues.send(LANES[0] ?? '', [{ body }]);
};

const disturb = async (scene: Scene): Promise<void> => {
  const { world, random } = scene;
  for (let step = 0; step < 14; step += 1) {
    const what = random();
    if (what < 0.4) startRedrive(scene);
    else if (what < 0.6) startDrain(scene);
    else if (what < 0.75) cancelOne(scene);
    else if (what < 0.9) await moveLetters(scene);
    else await deliverLate(scene);
    await world.clock.advance(upTo(6000, random));
  }
};

const redriveAll = (world: World) =>
  world.clock.run(createRedrive(acceptDepsOf(world))({ why: 'heal' }, 'anybody'));

/** Whatever died in the middle is found again by who comes after. */
const heal = async ({ world }: Scene): Promise<void> => {
  for (let round = 0; round < 4; round += 1) {
    await world.clock.advance(120_000);
    await world.pools.endAll('haiku');
    await redriveAll(world);
    await drain(world);
  }
};

const faultsOf = ({ world, ids, ends, batchId }: Scene, counts: Readonly<Record<string, number>>) => {
  const items = ids.map((id) => world.requests.all().find(({ requestId }) => requestId === id));
  const told = new Map<string, Set<string>>();
  for (const result of notifications(world)) {
    const key = `${result.request_id} ${generationOf(result)}`;
    told.set(key, (told.get(key) ?? new Set()).add(result.status));
  }
  const generations = items.flatMap((item) =>
    Array.from(
      { length: generationOf(item ?? {}) + 1 },
      (_, generation) => `${item?.requestId} ${generation}`,
    ),
  );
  const members = items.filter((item) => item?.batch?.id === batchId);
  const countedAs = (status: string): number => members.filter((item) => item?.status === status).length;
  return {
    unfinished: items.filter((item) => item === undefined || !isTerminal(item.status)),
    endedOftenerThanOpened: items.filter(
      (item) => item !== undefined && ends.get(item.requestId) !== generationOf(item) + 1,
    ),
    untold: generations.filter((key) => !told.has(key)),
    toldTwoWays: [...told].filter(([, statuses]) => statuses.size > 1),
    calledTwiceAtOnce: world.model.overlapping(),
    left: [...QUEUES, 'hold-haiku-normal-bulk-1'].flatMap((queue) => world.queues.bodies(queue)),
    miscounted: Object.entries(counts).filter(([status, count]) => countedAs(status) !== count),
  };
};

const NO_FAULTS = {
  unfinished: [],
  endedOftenerThanOpened: [],
  untold: [],
  toldTwoWays: [],
  calledTwiceAtOnce: [],
  left: [],
  miscounted: [],
};

describe('redrives beside redrives, moves, cancels and drains that die', () => {
  const reopened = new Set<number>();

  it.each(Array.from({ length: SEEDS }, (_, seed) => [seed + 1]))(
    'give each life of a request one end, that is told and counted: seed %d',
    async (seed) => {
      const scene = await createScene(seed);
      await disturb(scene);
      await heal(scene);
      const sums = sumTallies(await scene.world.batches.tallies(scene.batchId, 1));
      expect(endedIn(sums)).toBe(MEMBERS);
      expect(faultsOf(scene, sums.ended)).toEqual(NO_FAULTS);
      for (const item of scene.world.requests.all()) reopened.add(generationOf(item));
    },
  );

  it('did reopen, and more than once', () => {
    expect([...reopened].toSorted()).toEqual(expect.arrayContaining([0, 1, 2]));
  });
});
