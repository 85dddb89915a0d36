import fc from 'fast-check';
import { LOSSES } from '../../shared/contract/damages.ts';
import { isTerminal } from '../../shared/contract/statuses.ts';
import type { World } from '../fakes/world.ts';
import { DAY_MS, HOUR_MS, healed, reconcile } from '../flows/reconcile/reconciling.ts';
import { type LifecycleModel, lifecycleCommands } from './lifecycle-commands.ts';
import { LifecycleSystem } from './lifecycle-system.ts';

jest.setTimeout(600_000);

const MINUTE_MS = 60_000;
/** Longer than the life of a function: whoever died with an epoch has certainly ended by then. */
const REST_MINUTES = 40;

/** Everything is well again, and the clock ticks as it does. */
const comeToRest = async (system: LifecycleSystem): Promise<void> => {
  system.mood = 'answers';
  system.faults.length = 0;
  for (const { process } of system.alive()) process.resume();
  for (let minute = 0; minute < REST_MINUTES && (system.waiting() > 0 || minute < 2); minute++) {
    system.wake(900_000);
    await system.world.clock.advance(MINUTE_MS);
  }
};

/** What nobody was told is accepted, and died between its two writes, lies until its deadline. */
const expireWhatWasNeverAccepted = async ({ world }: LifecycleSystem): Promise<void> => {
  await world.clock.advance(5 * DAY_MS + 2 * HOUR_MS);
  // Its end counts down once more, which the next day's look finds, and heals an hour later.
  for (const waitMs of [0, DAY_MS, HOUR_MS]) {
    await world.clock.advance(waitMs);
    await reconcile(world);
  }
};

const checkRest = (model: LifecycleModel, system: LifecycleSystem): void => {
  const told = system.told();
  const unfinished = system.world.requests.all().filter(({ status }) => !isTerminal(status));
  expect({
    unfinished: unfinished.filter(({ requestId }) => model.accepted.has(requestId)),
    untold: [...model.accepted].filter((id) => !told.has(id)),
    toldTwoEnds: [...told].filter(([, statuses]) => statuses.size > 1),
    waiting: system.waiting(),
    others: unfinished.filter(({ requestId }) => !model.unsure.has(requestId)),
  }).toEqual({ unfinished: [], untold: [], toldTwoEnds: [], waiting: 0, others: [] });
};

const checkEnd = ({ world }: LifecycleSystem, orphans: number): void => {
  const losses = Object.entries(healed(world)).filter(([damage]) => LOSSES.some((loss) => loss === damage));
  expect({
    unfinished: world.requests.all().filter(({ status }) => !isTerminal(status)),
    counts: world.tenants.all().filter(({ waiting }) => waiting !== 0),
    lost: losses.reduce((total, [, count]) => total + count, 0),
  }).toEqual({ unfinished: [], counts: [], lost: orphans });
};

type Commands = Iterable<fc.AsyncCommand<LifecycleModel, LifecycleSystem>>;

const live =
  (breakWorld?: (world: World) => void) =>
  async (commands: Commands): Promise<void> => {
    const model: LifecycleModel = { accepted: new Set(), unsure: new Set() };
    const real = new LifecycleSystem();
    breakWorld?.(real.world);
    await fc.asyncModelRun(() => ({ model, real }), commands);
    await comeToRest(real);
    real.check(model.accepted);
    checkRest(model, real);
    const orphans = real.world.requests.all().filter(({ status }) => !isTerminal(status)).length;
    await expireWhatWasNeverAccepted(real);
    checkEnd(real, orphans);
  };

/** The same cases in each run; `LIFECYCLE_SEED` and `LIFECYCLE_RUNS` are for whoever looks for trouble. */
const SEED = Number(process.env.LIFECYCLE_SEED ?? 1);
const RUNS = Number(process.env.LIFECYCLE_RUNS ?? 40);

const lives = (breakWorld?: (world: World) => void) =>
  fc.check(
    fc.asyncProperty(fc.commands(lifecycleCommands, { maxCommands: 60, size: 'max' }), live(breakWorld)),
    {
      seed: SEED,
      numRuns: RUNS,
      // The first case says enough: to make it smaller takes longer than to find it.
      endOnFailure: true,
    },
  );

describe('a request, whatever happens to it', () => {
  it('ends once, is told so, and leaves nothing behind', async () => {
    const { failed, counterexample, errorInstance } = await lives();
    expect(failed ? `${String(counterexample)}: ${String(errorInstance)}` : 'nothing').toBe('nothing');
  });

  it.each<readonly [string, RegExp, (world: World) => void]>([
    [
      'a claim were granted to whoever asks',
      /twiceAtOnce|unrecorded/,
      ({ requests }) => {
        const { claim } = requests;
        requests.claim = (id, how) => claim(id, { ...how, liveEpochs: [] });
      },
    ],
    [
      'the last finisher won',
      /changed|toldTwoEnds/,
      ({ requests }) => {
        const { finish } = requests;
        requests.finish = async (how) => {
          const item = await requests.read(how.requestId);
          if (item !== undefined) requests.put({ ...item, status: 'running' });
          return finish(how);
        };
      },
    ],
    [
      'a replay of what waits sent no lane message',
      /unfinished/,
      ({ requests }) => {
        const { create } = requests;
        requests.create = async (item) => {
          const creation = await create(item);
          return creation.kind === 'created'
            ? creation
            : { ...creation, item: { ...creation.item, status: 'running' } };
        };
      },
    ],
    [
      'attempts were not journalled',
      /unrecorded/,
      ({ requests }) => {
        const { claim } = requests;
        requests.claim = async (id, how) => {
          const outcome = await claim(id, how);
          if (outcome.kind === 'claimed') requests.put({ ...outcome.item, attempts: 0 });
          return outcome;
        };
      },
    ],
    [
      'whoever counts forgot to count down',
      /counts/,
      ({ tenants }) => {
        const { addWaiting } = tenants;
        tenants.addWaiting = (pool, tenant, delta) => addWaiting(pool, tenant, Math.max(0, delta));
        tenants.setRight = async () => {};
        tenants.setRightIf = async () => false;
      },
    ],
  ])('would be caught if %s', async (_, complaint, breakWorld) => {
    const { failed, errorInstance } = await lives(breakWorld);
    expect(failed).toBe(true);
    expect(String(errorInstance)).toMatch(complaint);
  });
});
