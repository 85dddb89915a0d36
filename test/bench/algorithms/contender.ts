import { createEventQueue, type EventQueue } from '../../../cli/simulate/event-queue.ts';
import { START_MS } from '../../../cli/simulate/run-simulation.ts';
import { toServiceDimensions } from '../../../cli/simulate/service-quota.ts';
import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { createSimulatedService, type SimulatedService } from '../../../cli/simulate/simulated-service.ts';
import { type Random, randomFrom } from '../../../local/bedrock/seeded-random.ts';
import { enterVirtualTime, settled } from './virtual-globals.ts';
import { BURNDOWN, QUOTA, type Workload } from './workload.ts';

export type Outcome = 'answered' | 'lost';

/** What became of one request, as its caller saw it. */
export interface Ending {
  readonly request: SimulatedRequest;
  readonly outcome: Outcome | 'unfinished';
  readonly endings: number;
}

export interface Run {
  readonly endings: readonly Ending[];
  readonly service: SimulatedService;
}

/** How much of it is what people would run. */
export type Kind = 'production code' | 'library' | 'model';

export interface Contender {
  readonly name: string;
  readonly kind: Kind;
  /** How it is set up, in a few words. */
  readonly setup: string;
  run(workload: Workload, seed: string): Promise<Run>;
}

/** Where a client finds itself: virtual time, and the model. */
export interface Arena {
  readonly workload: Workload;
  readonly events: EventQueue;
  readonly random: Random;
  /** One call, once; true when it was answered. */
  call(request: SimulatedRequest): Promise<boolean>;
  sleep(ms: number): Promise<void>;
}

/** Takes a request when it arrives, and says what became of it. */
export type Ask = (request: SimulatedRequest) => Promise<Outcome>;

/** Who has not finished by then never will. */
const HORIZON_MS = 6 * 3_600_000;

const createArena = (
  workload: Workload,
  seed: string,
): { readonly arena: Arena; readonly service: SimulatedService } => {
  const events = createEventQueue(START_MS);
  const options = { dimensions: toServiceDimensions(QUOTA), burndown: BURNDOWN };
  const service = createSimulatedService(options, events, seed);
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => events.at(events.nowMs() + ms, () => resolve()));
  const call = (request: SimulatedRequest): Promise<boolean> =>
    new Promise((resolve) => service.call(request, ({ kind }) => resolve(kind === 'answered')));
  return { arena: { workload, events, random: randomFrom('client', seed), call, sleep }, service };
};

interface Progress {
  readonly request: SimulatedRequest;
  outcome: Outcome | 'unfinished';
  endings: number;
}

interface Play {
  readonly progress: readonly Progress[];
  unfinished: number;
  /** What no client may do: throw. */
  failure?: unknown;
}

const scheduleArrivals = (arena: Arena, ask: Ask, state: Play): void => {
  for (const own of state.progress)
    arena.events.at(START_MS + own.request.arrivesAtMs, () => {
      ask(own.request).then(
        (outcome) => {
          own.outcome = outcome;
          own.endings += 1;
          state.unfinished -= 1;
        },
        (error: unknown) => {
          state.failure = error;
        },
      );
    });
};

/** Whoever asks the model by promises. */
export const play = async (
  workload: Workload,
  seed: string,
  createAsk: (arena: Arena) => Ask | Promise<Ask>,
): Promise<Run> => {
  const { arena, service } = createArena(workload, seed);
  const { events, random } = arena;
  const { requests } = workload;
  const progress = requests.map((request): Progress => ({ request, outcome: 'unfinished', endings: 0 }));
  const state: Play = { progress, unfinished: requests.length };
  const leave = enterVirtualTime(events, random);
  try {
    scheduleArrivals(arena, await createAsk(arena), state);
    while (state.unfinished > 0 && state.failure === undefined && events.step(START_MS + HORIZON_MS))
      await settled();
  } finally {
    leave();
  }
  if (state.failure !== undefined) throw state.failure;
  return { endings: progress, service };
};
