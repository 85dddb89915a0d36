import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { type BinaryHeap, createBinaryHeap } from '../../../shared/core/binary-heap.ts';
import { type Arena, type Ask, type Contender, type Outcome, play } from './contender.ts';
import { createSdk } from './sdk.ts';
import { trueRateOf } from './workload.ts';

interface Job {
  readonly request: SimulatedRequest;
  readonly tell: (outcome: Outcome) => void;
  readonly order: number;
  attempts: number;
}

const URGENCY = { high: 0, normal: 1, low: 2 } as const;

/** By priority, then by age. */
const createJobs = (): BinaryHeap<Job> =>
  createBinaryHeap<Job>((one, other) => {
    const urgency = URGENCY[one.request.priority] - URGENCY[other.request.priority];
    return urgency < 0 || (urgency === 0 && one.order < other.order);
  });

const WINDOW_MS = 10_000;
const WORKERS = 300;
const ATTEMPTS = 3;
const BACKOFF_MS = 1000;

/** A counter that begins with the first job of a window and ends with it; asked again when the window does. */
const createLimiter = ({ events, workload }: Arena, onReset: () => void): (() => boolean) => {
  const most = Math.floor((trueRateOf(workload) * WINDOW_MS) / 1000);
  let started = 0;
  let endsMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (events.nowMs() >= endsMs) {
      started = 0;
      endsMs = events.nowMs() + WINDOW_MS;
      events.at(endsMs, onReset);
    }
    if (started >= most) return false;
    started += 1;
    return true;
  };
};

const throughBull = async (arena: Arena): Promise<Ask> => {
  const { events } = arena;
  const ask = await createSdk(arena, { retryMode: 'standard', processes: 1 });
  const waiting = createJobs();
  let order = 0;
  let active = 0;

  const work = async (job: Job): Promise<void> => {
    active += 1;
    job.attempts += 1;
    const outcome = await ask(job.request);
    active -= 1;
    if (outcome === 'answered' || job.attempts >= ATTEMPTS) job.tell(outcome);
    else events.at(events.nowMs() + BACKOFF_MS * 2 ** (job.attempts - 1), () => add(job));
    next();
  };
  const next = (): void => {
    while (active < WORKERS && waiting.size() > 0 && mayStart()) {
      const job = waiting.pop();
      if (job !== undefined) void work(job);
    }
  };
  const add = (job: Job): void => {
    waiting.push(job);
    next();
  };
  const mayStart = createLimiter(arena, next);

  return (request) =>
    new Promise((tell) => {
      order += 1;
      add({ request, tell, order, attempts: 0 });
    });
};

/** BullMQ's rule; the real one needs a Redis server. */
export const bullMq: Contender = {
  name: 'BullMQ, true mean',
  kind: 'model',
  setup: 'limiter of so many in 10 s by the mean cost that it is told, 3 attempts of the SDK’s 3',
  run: (workload, seed) => play(workload, seed, throughBull),
};
