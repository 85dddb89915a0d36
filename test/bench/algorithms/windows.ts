import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { createBinaryHeap } from '../../../shared/core/binary-heap.ts';
import { type Arena, type Ask, type Contender, type Outcome, play } from './contender.ts';
import { createSdk } from './sdk.ts';
import { BURNDOWN, TOKENS_PER_MINUTE, trueRateOf } from './workload.ts';

interface Waiting {
  readonly request: SimulatedRequest;
  readonly tell: (outcome: Outcome) => void;
  readonly order: number;
  attempts: number;
}

const URGENCY = { high: 0, normal: 1, low: 2 } as const;

const WINDOW_MS = 10_000;
const WORKERS = 300;
const BULL_ATTEMPTS = 3;
const BULL_BACKOFF_MS = 1000;

/** BullMQ's rule: a counter that is set with the first job of a window and ends with it; jobs by priority, then age. */
const throughBull = async (arena: Arena): Promise<Ask> => {
  const { events } = arena;
  const ask = await createSdk(arena, { retryMode: 'standard', processes: 1 });
  const most = Math.floor((trueRateOf(arena.workload) * WINDOW_MS) / 1000);
  const waiting = createBinaryHeap<Waiting>((one, other) => {
    const urgency = URGENCY[one.request.priority] - URGENCY[other.request.priority];
    return urgency < 0 || (urgency === 0 && one.order < other.order);
  });
  let order = 0;
  let active = 0;
  let started = 0;
  let windowEndsMs = Number.NEGATIVE_INFINITY;

  const work = async (job: Waiting): Promise<void> => {
    job.attempts += 1;
    const outcome = await ask(job.request);
    active -= 1;
    if (outcome === 'answered' || job.attempts >= BULL_ATTEMPTS) job.tell(outcome);
    else
      events.at(events.nowMs() + BULL_BACKOFF_MS * 2 ** (job.attempts - 1), () => {
        waiting.push(job);
        next();
      });
    next();
  };

  const next = (): void => {
    while (active < WORKERS && waiting.size() > 0) {
      if (events.nowMs() >= windowEndsMs) {
        started = 0;
        windowEndsMs = events.nowMs() + WINDOW_MS;
        events.at(windowEndsMs, next);
      }
      if (started >= most) return;
      const job = waiting.pop();
      if (job === undefined) return;
      started += 1;
      active += 1;
      void work(job);
    }
  };

  return (request) =>
    new Promise((tell) => {
      order += 1;
      waiting.push({ request, tell, order, attempts: 0 });
      next();
    });
};

export const bullMq: Contender = {
  name: 'BullMQ, true mean',
  kind: 'model',
  setup: 'limiter of so many in 10 s by the mean cost that it is told, 3 attempts of the SDK’s 3',
  run: (workload, seed) => play(workload, seed, throughBull),
};

/** The settings by which the first idea of this project was described, at their defaults. */
const FIRST_IDEA = {
  queueDepthThreshold: 100,
  averageRequestSeconds: 5,
  minutesToProcess: 5,
  maxConcurrentExecutions: 30,
} as const;

const IDEA_WINDOW_MS = FIRST_IDEA.minutesToProcess * 60_000;
const IDEA_WINDOW_REQUESTS =
  ((FIRST_IDEA.minutesToProcess * 60) / FIRST_IDEA.averageRequestSeconds) *
  FIRST_IDEA.maxConcurrentExecutions;

/**
 * While few wait they are called as they come. Beyond the threshold they are held for the next batch, which is as many
 * as should be done within its minutes if each takes as long as the average.
 */
const throughFixedWindow = (arena: Arena): Ask => {
  const { events } = arena;
  const waiting: Waiting[] = [];
  const held: Waiting[] = [];
  let active = 0;

  const work = async (job: Waiting): Promise<void> => {
    active += 1;
    const isAnswered = await arena.call(job.request);
    active -= 1;
    if (isAnswered) job.tell('answered');
    else held.push(job);
    next();
  };
  const next = (): void => {
    while (active < FIRST_IDEA.maxConcurrentExecutions) {
      const job = waiting.shift();
      if (job === undefined) return;
      void work(job);
    }
  };
  const openWindow = (): void => {
    waiting.push(...held.splice(0, Math.max(0, IDEA_WINDOW_REQUESTS - waiting.length)));
    next();
    events.at(events.nowMs() + IDEA_WINDOW_MS, openWindow);
  };
  events.at(events.nowMs() + IDEA_WINDOW_MS, openWindow);
  return (request) =>
    new Promise((tell) => {
      const job = { request, tell, order: 0, attempts: 0 };
      if (held.length > 0 || waiting.length >= FIRST_IDEA.queueDepthThreshold) held.push(job);
      else waiting.push(job);
      next();
    });
};

export const fixedWindow: Contender = {
  name: 'fixed window',
  kind: 'model',
  setup:
    'above 100 waiting, 1,800 every 5 minutes, 30 at once: queue_depth_threshold, minutes_to_process, average_request_duration',
  run: (workload, seed) => play(workload, seed, throughFixedWindow),
};

const SPACED_SHARE = 0.92;

/** Each send waits until the one before would have been paid for at its largest. A refusal ends it. */
const throughEvenSpacing = (arena: Arena): Ask => {
  const { events } = arena;
  const perMs = (SPACED_SHARE * TOKENS_PER_MINUTE) / 60_000;
  let freeAtMs = events.nowMs();
  return async (request) => {
    const atMs = Math.max(freeAtMs, events.nowMs());
    freeAtMs = atMs + (request.estimatedTokens + BURNDOWN * request.maxTokens) / perMs;
    await arena.sleep(atMs - events.nowMs());
    return (await arena.call(request)) ? 'answered' : 'lost';
  };
};

export const evenSpacing: Contender = {
  name: 'even spacing, 92 %',
  kind: 'model',
  setup: 'spaced by input and max_tokens times the burndown, first come first served; a refusal ends it',
  run: (workload, seed) => play(workload, seed, throughEvenSpacing),
};
