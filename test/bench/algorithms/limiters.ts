import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import type { SimulatedRequest } from '../../../cli/simulate/simulated-request.ts';
import type { Priority } from '../../../shared/contract/priorities.ts';
import { type Arena, type Ask, type Contender, type Outcome, play } from './contender.ts';
import { createSdk } from './sdk.ts';
import { TOKENS_PER_MINUTE, trueRateOf, type Workload } from './workload.ts';

/** As many as a function can hold. */
const MOST_AT_ONCE = 700;

const callOnce = (arena: Arena): Promise<Ask> => createSdk(arena, { retryMode: 'standard', processes: 1 });

const URGENCY: Readonly<Record<Priority, number>> = { high: 1, normal: 5, low: 9 };

const throughBottleneck =
  (
    optionsOf: (workload: Workload) => Bottleneck.ConstructorOptions,
    weightOf: (request: SimulatedRequest) => number,
  ) =>
  async (arena: Arena): Promise<Ask> => {
    const ask = await callOnce(arena);
    const limiter = new Bottleneck(optionsOf(arena.workload));
    return (request) =>
      limiter.schedule({ priority: URGENCY[request.priority], weight: weightOf(request) }, () =>
        ask(request),
      );
  };

const limited = (name: string, setup: string, create: (arena: Arena) => Promise<Ask>): Contender => ({
  name,
  kind: 'library',
  setup,
  run: (workload, seed) => play(workload, seed, create),
});

export const bottleneckByMean = limited(
  'bottleneck, true mean',
  'minTime of the whole traffic’s mean cost, which it is told',
  throughBottleneck(
    (workload) => ({ maxConcurrent: MOST_AT_ONCE, minTime: 1000 / trueRateOf(workload) }),
    () => 1,
  ),
);

export const bottleneckByMaxTokens = limited(
  'bottleneck, max_tokens',
  'a reservoir of the quota each minute, weighed by input and max_tokens',
  throughBottleneck(
    () => ({
      reservoir: TOKENS_PER_MINUTE,
      reservoirRefreshAmount: TOKENS_PER_MINUTE,
      reservoirRefreshInterval: 60_000,
    }),
    ({ estimatedTokens, maxTokens }) => estimatedTokens + maxTokens,
  ),
);

const INTERVAL_MS = 10_000;

export const pQueue = limited(
  'p-queue, true mean',
  'so many in any 10 s (`strict`), by the mean cost that it is told',
  async (arena) => {
    const ask = await callOnce(arena);
    const queue = new PQueue({
      concurrency: MOST_AT_ONCE,
      interval: INTERVAL_MS,
      intervalCap: Math.floor((trueRateOf(arena.workload) * INTERVAL_MS) / 1000),
      strict: true,
    });
    return (request): Promise<Outcome> =>
      queue.add(() => ask(request), { priority: -URGENCY[request.priority] });
  },
);
