import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import { type Arena, type Ask, type Contender, type Outcome, play } from './contender.ts';

interface Held {
  readonly request: SimulatedRequest;
  readonly tell: (outcome: Outcome) => void;
}

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
  const waiting: Held[] = [];
  const held: Held[] = [];
  let active = 0;

  const work = async (job: Held): Promise<void> => {
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
      const job = { request, tell };
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
