import { deadLetterQueue, laneQueue, lanesOf, parkedQueue, QUEUES } from '../../../shared/contract/names.ts';
import { isTerminal } from '../../../shared/contract/statuses.ts';
import type { World } from '../../fakes/world.ts';

/** What a pipeline holds, counted. */
export interface Accounts {
  readonly requests: number;
  /** Requests that have not ended, as the table says; each has a message in a lane, and a place of its tenant. */
  readonly open: number;
  readonly messages: number;
  readonly places: number;
  readonly batches: number;
  readonly batchWork: number;
  readonly refusals: number;
  readonly setAside: number;
}

const messagesIn = (world: World, queues: readonly string[]): number =>
  queues.reduce((sum, queue) => sum + world.queues.bodies(queue).length, 0);

export const accountsOf = (world: World): Accounts => {
  const items = world.requests.all();
  const pools = Object.keys(world.settings.models);
  return {
    requests: items.length,
    open: items.filter(({ status }) => !isTerminal(status)).length,
    messages: messagesIn(
      world,
      pools.flatMap((pool) => [...lanesOf(pool).map(laneQueue), parkedQueue(pool)]),
    ),
    places: world.tenants.all().reduce((sum, { waiting }) => sum + waiting, 0),
    batches: world.batches.all().length,
    batchWork: messagesIn(world, [QUEUES.batches]),
    refusals: messagesIn(world, [QUEUES.results]),
    setAside: messagesIn(world, [QUEUES.inputDeadLetter, ...pools.map(deadLetterQueue)]),
  };
};

/** Half of an acceptance: an item without a message, a message without an item, or a place for nobody. */
export const halfFault = (world: World): string | undefined => {
  const { open, messages, places } = accountsOf(world);
  return open === messages && open === places
    ? undefined
    : `${open} requests are open, ${messages} messages wait and ${places} places are taken`;
};

export const changedFault = (before: Accounts, after: Accounts): string | undefined => {
  const changed = Object.entries(after).filter(([name, count]) => count !== before[name as keyof Accounts]);
  return changed.length === 0
    ? undefined
    : `it was refused, and all the same there are ${changed.map(([name, count]) => `${count} ${name}, not ${before[name as keyof Accounts]}`).join(', ')}`;
};

export const errorFault = (world: World): string | undefined => {
  const [error] = world.telemetry.events.filter(({ level }) => level === 'error');
  return error === undefined ? undefined : `an error was logged: ${JSON.stringify(error)}`;
};

export const pollutionFault = (): string | undefined => {
  const added = [Object.prototype, Array.prototype].flatMap((prototype) => Object.keys(prototype));
  return added.length === 0 ? undefined : `prototypes have ${added.join(', ')}`;
};
