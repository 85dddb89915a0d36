import type { HeldRequest } from '../../../shared/contract/messages.ts';
import type { Notification } from '../../../shared/contract/request.ts';
import type { RequestItem } from '../../../shared/contract/request-item.ts';
import { createDrainPool, type DrainOutcome } from '../../../shared/flows/drain/drain-pool.ts';
import type { OutgoingMessage } from '../../../shared/ports/queues.ts';
import { type Around, nameOf } from '../../fakes/interpose.ts';
import { createSimulatedProcess, type SimulatedProcess } from '../../fakes/simulated-process.ts';
import { drainDepsOf, type World } from '../../fakes/world.ts';
import { accept, HIGH_LANE, LOW_LANE, NORMAL_LANE, overHttp } from '../submissions.ts';

// Minutes of virtual time; a busy machine takes longer than the usual five seconds.
jest.setTimeout(60_000);

export const LANES = [HIGH_LANE, NORMAL_LANE, LOW_LANE] as const;
const LIFE_MS = 900_000;

export interface DrainOptions {
  readonly around?: Around;
  readonly lifeMs?: number;
  readonly isTick?: boolean;
}

/** Begins a drain that lives as long as a function may; time has to be moved for it to get on. */
export const startDrain = (
  world: World,
  { around, lifeMs = LIFE_MS, isTick }: DrainOptions = {},
  process?: SimulatedProcess,
): Promise<DrainOutcome> => {
  const startedAtMs = world.clock.monotonicMs();
  const remainingMs = (): number => startedAtMs + lifeMs - world.clock.monotonicMs();
  const deps = drainDepsOf(world, around ?? process?.around, process?.clock);
  return createDrainPool(deps)({ pool: 'haiku', isTick, remainingMs });
};

/** Drains until the drain ends by itself. */
export const drain = (world: World, options?: DrainOptions): Promise<DrainOutcome> =>
  world.clock.run(startDrain(world, options));

export interface RunningDrain extends SimulatedProcess {
  readonly outcome: Promise<DrainOutcome>;
}

/** A drain in a process of its own, that can be frozen and killed. */
export const startProcess = (world: World, lifeMs?: number): RunningDrain => {
  const process = createSimulatedProcess(world.clock);
  const outcome = startDrain(world, lifeMs === undefined ? {} : { lifeMs }, process);
  return { ...process, outcome };
};

export const notifications = (world: World): readonly Notification[] =>
  world.queues.bodies('results').map((body) => JSON.parse(body) as Notification);

export const contents = (world: World): readonly (string | null)[] =>
  notifications(world).map(({ content }) => content);

export const waitingInLanes = (world: World): number =>
  LANES.reduce((total, lane) => total + world.queues.bodies(lane).length, 0);

export const itemOf = (world: World, requestId: string | undefined): RequestItem => {
  const found = world.requests.all().find((item) => item.requestId === requestId);
  if (found === undefined) throw new Error(`There is no ${requestId}.`);
  return found;
};

/** What must hold once nothing is left to do. */
export const expectAllAnswered = (world: World, ids: readonly string[]): void => {
  const told = new Set(notifications(world).map(({ request_id }) => request_id));
  expect({
    unfinished: ids.filter((id) => itemOf(world, id).finishedAtMs === undefined),
    untold: ids.filter((id) => !told.has(id)),
    leftInLanes: waitingInLanes(world),
    calledTwiceAtOnce: world.model.overlapping(),
  }).toEqual({ unfinished: [], untold: [], leftInLanes: 0, calledTwiceAtOnce: [] });
};

/** Accepts prompts; their lane messages go to a queue of the test's choice, changed as it likes. */
export const acceptInto = async (
  world: World,
  queue: string,
  prompts: readonly string[],
  changes: Partial<HeldRequest> = {},
): Promise<readonly string[]> => {
  const { priority = 'normal' } = changes;
  const around: Around = (effect, perform) => {
    if (nameOf(effect) !== 'queues.send' || !String(effect.args[0]).startsWith('hold-')) return perform();
    const messages = effect.args[1] as readonly OutgoingMessage[];
    return world.queues.send(
      queue,
      messages.map(({ body }) => ({ body: JSON.stringify({ ...JSON.parse(body), ...changes }) })),
    );
  };
  const submissions = prompts.map((prompt) => overHttp({ prompt, max_tokens: 100, priority }));
  const acceptances = await accept(world, submissions, around);
  // Lanes are the test's choice: what it put somewhere decides nothing about what comes after.
  await world.tenants.setRight('haiku', 'default');
  return acceptances.map((acceptance) =>
    acceptance.kind === 'accepted' ? acceptance.item.requestId : `was ${acceptance.kind}`,
  );
};
