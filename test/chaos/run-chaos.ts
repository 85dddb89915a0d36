import { setTimeout as sleep } from 'node:timers/promises';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { QUEUES } from '../../shared/contract/names.ts';
import { createSqs } from '../end-to-end/clients.ts';
import { disturb } from './disturb.ts';
import type { Acknowledgement, Evidence } from './evidence.ts';
import { readAnswers, readCounters, readDepths, readLedger, readStored } from './gather-evidence.ts';
import { planLast, planLoad } from './load.ts';
import { requestIdsOf } from './request-views.ts';
import { createSchedule, type ScheduledEvent } from './schedule.ts';
import { sendLoad } from './send-load.ts';
import { type System, startSystem } from './system.ts';
import { watchCalls, watchResults } from './watch.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly requests: number;
  readonly dataDir: string;
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly elapsedMs: number;
  readonly acknowledged: number;
  readonly answered: number;
  readonly disturbances: number;
  /** All is sent and the last disturbance is over. */
  readonly resting: boolean;
}

export interface ChaosRun {
  readonly schedule: readonly ScheduledEvent[];
  readonly evidence: Evidence;
  readonly skipped: readonly string[];
  readonly givenUp: readonly string[];
  /** From the last disturbance until nothing moved any more. */
  readonly restedAfterMs: number;
}

export const MODEL_ID = 'chaos-model';

/** Calls last long enough to be met by a death, and the quota binds when a part of it goes. */
const ARGS = [
  '--context',
  `models={"chaos":{"model_id":"${MODEL_ID}","quota":{"tokens_per_minute":4000000},"prices":{"input":1,"output":5}}}`,
  '--context',
  'max_concurrent_executions=100',
  '--context',
  'minutes_to_process=1',
  '--simulator',
  'latency_scale=0.4',
  '--context',
  'tenants={"default":{"max_waiting":150}}',
];

/** A function that died leaves its messages hidden: shorter than deployed, so that a run ends soon. */
const INPUT_VISIBILITY_SECONDS = 30;
/** Without anything new: visibility, attempts and the minute's tick may follow one another. */
const MOST_REST_MS = 420_000;
const LOOK_MS = 1_000;

type Sqs = ReturnType<typeof createSqs>;

const shortenVisibility = async (sqs: Sqs, { ready }: System): Promise<void> => {
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: ready.queues[QUEUES.input],
      Attributes: { VisibilityTimeout: String(INPUT_VISIBILITY_SECONDS) },
    }),
  );
};

const isWork = (queue: string): boolean => /^(input|hold-|parked-)/.test(queue);

const workLeft = async (sqs: Sqs, { ready }: System): Promise<number> => {
  try {
    const depths = Object.entries(await readDepths(sqs, ready));
    return depths.reduce((sum, [queue, count]) => sum + (isWork(queue) ? count : 0), 0);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/** What a tenant is said to have waiting is set right a moment after the last drain has nothing left. */
const MOST_COUNTER_REST_MS = 90_000;

const countersAtRest = async ({ ready }: System): Promise<boolean> =>
  Object.values(await readCounters(ready)).every((waiting) => waiting === 0);

interface Resting {
  readonly isOver: () => Promise<boolean>;
  /** Grows for as long as something still happens. */
  readonly moved: () => number;
  readonly mostStillMs: number;
}

/** Until nothing is left to do, or nothing has moved for as long as anything may take: a busy machine is given time. */
const rest = async ({ isOver, moved, mostStillMs }: Resting): Promise<number> => {
  const startedAtMs = Date.now();
  let [before, movedAtMs] = [moved(), startedAtMs];
  while (Date.now() - movedAtMs < mostStillMs && !(await isOver())) {
    if (moved() !== before) [before, movedAtMs] = [moved(), Date.now()];
    await sleep(LOOK_MS);
  }
  return Date.now() - startedAtMs;
};

const lanesOf = ({ ready }: System): string[] =>
  Object.entries(ready.queues).flatMap(([name, url]) => (name.startsWith('hold-') ? [url] : []));

/** Runs the load under the schedule, lets everything come to rest, and takes down all that shows outside. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosRun> => {
  const { seed, durationMs, requests, dataDir, onProgress } = options;
  const schedule = createSchedule(seed, durationMs);
  const load = planLoad({ seed, requests, durationMs });
  const lastOnes = planLast({ seed, requests, durationMs });
  const system = await startSystem({ dataDir, args: ARGS });
  const { ready } = system;
  // Each has connections of its own: whoever waits for an answer holds up nobody else.
  const [sqs, producer, consumer] = [createSqs(ready), createSqs(ready), createSqs(ready)];
  try {
    await shortenVisibility(sqs, system);
    const calls = watchCalls(ready.endpoints.bedrockRuntime);
    const results = watchResults(consumer, ready.queues[QUEUES.results] ?? '');
    const startedAtMs = Date.now();
    const disturbing = disturb({
      ...{ schedule, system, calls, sqs, startedAtMs, modelId: MODEL_ID },
      lanes: lanesOf(system),
      onRestart: () => shortenVisibility(sqs, system),
    });
    const sending = sendLoad(load, ready, producer, startedAtMs);
    let resting = false;
    const progress = setInterval(() => {
      const elapsedMs = Date.now() - startedAtMs;
      onProgress({
        elapsedMs,
        acknowledged: new Set(sending.acknowledged.map(({ customId }) => customId)).size,
        answered: new Set(results.seen().map(({ custom_id }) => custom_id)).size,
        resting,
        disturbances: schedule.filter(({ atMs }) => atMs <= elapsedMs).length,
      });
    }, LOOK_MS);
    await Promise.all([sending.done, disturbing.done]);
    resting = true;
    const answered = (acknowledged: readonly Acknowledgement[]): boolean => {
      const seen = new Set(results.seen().map(({ custom_id }) => custom_id));
      return acknowledged.every(({ customId }) => seen.has(customId));
    };
    const isAtRest = async (acknowledged: readonly Acknowledgement[]): Promise<boolean> =>
      answered(acknowledged) && (await workLeft(sqs, system)) === 0;
    const moved = (): number => results.seen().length;
    const restedAfterMs = await rest({
      isOver: () => isAtRest(sending.acknowledged),
      ...{ moved, mostStillMs: MOST_REST_MS },
    });
    const last = sendLoad(lastOnes, ready, producer, Date.now());
    await last.done;
    await rest({
      isOver: async () => (await isAtRest(last.acknowledged)) && (await countersAtRest(system)),
      ...{ moved, mostStillMs: MOST_COUNTER_REST_MS },
    });
    clearInterval(progress);
    await Promise.all([calls.stop(), results.stop()]);
    const stored = await readStored(ready);
    const acknowledged = [...sending.acknowledged, ...last.acknowledged];
    const seen = { acknowledged, notifications: results.seen(), stored };
    const evidence: Evidence = {
      ...seen,
      planned: [...load, ...lastOnes],
      givenUp: [...sending.givenUp, ...last.givenUp],
      turnedAway: sending.turnedAway,
      counters: await readCounters(ready),
      answers: await readAnswers(ready.api, requestIdsOf(seen)),
      ledger: await readLedger(ready),
      calls: calls.seen(),
      simulatorPauses: disturbing.simulatorPauses,
      simulatorKillsAtMs: disturbing.simulatorKillsAtMs,
      left: await readDepths(sqs, ready),
      unexpectedEnds: system.unexpectedEnds(),
    };
    return { schedule, evidence, skipped: disturbing.skipped, givenUp: sending.givenUp, restedAfterMs };
  } finally {
    for (const client of [sqs, producer, consumer]) client.destroy();
    await system.stop();
  }
};
