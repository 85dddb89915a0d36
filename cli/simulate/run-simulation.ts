import { randomFrom } from '../../local/bedrock/seeded-random.ts';
import type { Governor, GovernorSnapshot } from '../../shared/core/governor/governor.ts';
import type { GovernorOptions } from '../../shared/core/governor/governor-options.ts';
import type { Scheduler } from '../../shared/core/scheduler/scheduler.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { createOwner, type Job, type SimulatedOwner } from './simulated-owner.ts';
import { createOutcome, type RequestOutcome, type SimulatedRequest } from './simulated-request.ts';
import { createSimulatedService, type ServiceOptions, type SimulatedService } from './simulated-service.ts';

export interface SimulationOptions {
  readonly seed: string;
  /** In the order of their arrival. */
  readonly traffic: readonly SimulatedRequest[];
  readonly service: ServiceOptions;
  readonly governor: Omit<GovernorOptions, 'random' | 'snapshot' | 'epoch'>;
  readonly createScheduler: (governor: Governor, snapshot: GovernorSnapshot | undefined) => Scheduler<Job>;
  readonly changes?: readonly OwnerChange[];
  readonly untilMs?: number;
}

/** A hand-over is announced and overlaps; a death leaves silence until the lease has run out. */
export type OwnerChange =
  | { readonly kind: 'hand_over'; readonly atMs: number }
  | { readonly kind: 'death'; readonly atMs: number; readonly silenceMs: number };

export interface SimulationResult {
  readonly outcomes: readonly RequestOutcome[];
  readonly service: SimulatedService;
  /** Of the last owner. */
  readonly governor: Governor | undefined;
  /** How often the next request waited for one of the calls under way to end, and for anything else. */
  readonly concurrencyWaits: number;
  readonly quotaWaits: number;
}

/** A whole hour of the clock, so that the service's fixed minutes begin with it. */
export const START_MS = 3_600_000;
const HEARTBEAT_MS = 3000;
const REPORT_MS = 1000;
/** What a dead owner had in flight is offered again when its messages are visible again. */
const VISIBLE_AGAIN_MS = 60_000;

interface World {
  readonly options: SimulationOptions;
  readonly events: EventQueue;
  readonly service: SimulatedService;
  readonly random: () => number;
  owner: SimulatedOwner | undefined;
  epoch: number;
  /** Of the last heartbeat. */
  snapshot: GovernorSnapshot | undefined;
  /** What arrived while there was no owner. */
  waiting: Job[];
  unanswered: number;
  concurrencyWaits: number;
  quotaWaits: number;
}

const give = (world: World, job: Job): void => {
  if (world.owner === undefined) world.waiting.push(job);
  else world.owner.add(job);
};

const appoint = (world: World): void => {
  const { options, events, service, random, snapshot } = world;
  world.epoch += 1;
  world.owner = createOwner({
    events,
    service,
    createScheduler: (governor) => options.createScheduler(governor, snapshot),
    governor: {
      ...options.governor,
      random,
      epoch: world.epoch,
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    orphaned: (job) => give(world, job),
    finished: () => {
      world.unanswered -= 1;
    },
    waits: (limit) => {
      if (limit === 'concurrency') world.concurrencyWaits += 1;
      else world.quotaWaits += 1;
    },
  });
  for (const job of world.waiting.splice(0)) world.owner.add(job);
};

/** What owners tell each other goes through a store, as JSON. */
const throughStore = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const report = (world: World, from: SimulatedOwner): void => {
  const nowMs = world.events.nowMs();
  const remaining = throughStore(from.governor.remaining(nowMs));
  world.owner?.governor.others(remaining, nowMs);
  if (remaining.inFlight > 0) world.events.at(nowMs + REPORT_MS, () => report(world, from));
};

/** The successor begins with what the last heartbeat wrote; the owner before finishes what is in flight. */
const handOver = (world: World): void => {
  const before = world.owner;
  if (before === undefined) return;
  world.waiting.push(...before.stop());
  appoint(world);
  world.events.at(world.events.nowMs() + REPORT_MS, () => report(world, before));
};

const die = (world: World, silenceMs: number): void => {
  const { events } = world;
  const { staged, inFlight } = world.owner?.die() ?? { staged: [], inFlight: [] };
  world.owner = undefined;
  world.waiting.push(...staged);
  events.at(events.nowMs() + silenceMs, () => appoint(world));
  for (const job of inFlight) events.at(events.nowMs() + VISIBLE_AGAIN_MS, () => give(world, job));
};

const beat = (world: World): void => {
  const { owner, events } = world;
  if (owner !== undefined)
    world.snapshot = throughStore({
      ...owner.governor.snapshot(events.nowMs()),
      scheduler: owner.scheduler.snapshot(),
    });
  events.at(events.nowMs() + HEARTBEAT_MS, () => beat(world));
};

const schedule = (world: World, outcomes: readonly RequestOutcome[]): void => {
  const { events, options } = world;
  for (const outcome of outcomes) {
    const { id, priority, arrivesAtMs } = outcome.request;
    events.at(START_MS + arrivesAtMs, () => give(world, { id, priority, outcome }));
  }
  if ((options.changes ?? []).length > 0) beat(world);
  for (const change of options.changes ?? [])
    events.at(START_MS + change.atMs, () =>
      change.kind === 'hand_over' ? handOver(world) : die(world, change.silenceMs),
    );
};

const DAY_MS = 86_400_000;

/** Runs a traffic through the production governor and scheduler against the simulator's quotas. */
export const runSimulation = (options: SimulationOptions): SimulationResult => {
  const events = createEventQueue(START_MS);
  const { seed } = options;
  const service = createSimulatedService(options.service, events, seed);
  const outcomes = options.traffic.map(createOutcome);
  const world: World = {
    options,
    events,
    service,
    random: randomFrom('owner', seed),
    owner: undefined,
    epoch: 0,
    snapshot: undefined,
    waiting: [],
    unanswered: outcomes.length,
    concurrencyWaits: 0,
    quotaWaits: 0,
  };
  appoint(world);
  schedule(world, outcomes);
  events.run(START_MS + (options.untilMs ?? DAY_MS), () => world.unanswered === 0);
  const { concurrencyWaits, quotaWaits } = world;
  return { outcomes, service, governor: world.owner?.governor, concurrencyWaits, quotaWaits };
};
