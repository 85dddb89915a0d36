import { laneQueue, lanesOf, parkedQueue } from '../../contract/names.ts';
import type { ByClass, PoolReport } from '../../contract/pool-report.ts';
import { PRIORITIES, type Priority } from '../../contract/priorities.ts';
import type { Governor } from '../../core/governor/governor.ts';
import { toPoolReport } from '../../core/to-pool-report.ts';
import type { DrainDeps } from './drain-deps.ts';
import type { Staged } from './held-requests.ts';
import { createMeasureQuotaUse } from './measure-quota-use.ts';
import type { Shelves } from './shelves.ts';
import type { Spending } from './spending.ts';

/** Gathers what the owner of a pool publishes with its heartbeats. */
export interface PoolReporter {
  ended(settled: readonly Pick<Staged, 'priority'>[]): void;
  report(epoch: number): PoolReport;
  /** Counts what waits in the queues, now and then. */
  run(signal: AbortSignal): Promise<void>;
  /** Tells what was used of the quota since it was told last. */
  measureUse(): void;
}

export interface PoolReporterOptions {
  readonly pool: string;
  readonly held: ReadonlyMap<string, Staged>;
  readonly governor: Governor;
  readonly shelves: Shelves;
  readonly spending: Pick<Spending, 'spentTenants'>;
}

const MINUTE_MS = 60_000;
const FIRST_COUNT_MS = 2_000;
/** Each count is a call for every queue that is not certainly empty. */
const COUNT_EVERY_MS = 10_000;
/** From then on a start is slow enough to tell of it. */
const SLOW_START_SECONDS = 30;

const none = (): Record<Priority, number> => ({ high: 0, normal: 0, low: 0 });

interface Ended {
  readonly atMs: number;
  readonly priority: Priority;
}

const toFigures = (held: Iterable<Staged>) => {
  const staged = none();
  const oldestMs: Partial<Record<Priority, number>> = {};
  for (const { priority, phase, held: request } of held) {
    if (phase === 'running' || phase === 'settling') continue;
    staged[priority] += 1;
    oldestMs[priority] = Math.min(oldestMs[priority] ?? Number.POSITIVE_INFINITY, request.accepted_at_ms);
  }
  return { staged, oldestMs };
};

export const createPoolReporter = (
  { pool, held, governor, shelves, spending }: PoolReporterOptions,
  deps: Pick<DrainDeps, 'clock' | 'queues' | 'telemetry'>,
): PoolReporter => {
  const { clock, queues, telemetry } = deps;
  const measureUse = createMeasureQuotaUse(pool, governor, deps);
  const beganAtMs = clock.monotonicMs();
  const ended: Ended[] = [];
  let lanes: ByClass = none();
  let parked = 0;
  let hasWarned = false;

  /** While nothing of a class is in hand, its lanes are empty: they are received from all the time. */
  const countLanes = async (): Promise<ByClass> => {
    const { staged } = toFigures(held.values());
    const counted = none();
    const worth = lanesOf(pool).filter(({ priority }) => staged[priority] > 0);
    const depths = await Promise.all(worth.map((lane) => queues.depth(laneQueue(lane))));
    for (const [index, lane] of worth.entries())
      counted[lane.priority] += (depths[index] ?? 0) + (shelves.get(laneQueue(lane))?.shelf.size() ?? 0);
    return counted;
  };

  const count = async (): Promise<void> => {
    try {
      [lanes, parked] = await Promise.all([countLanes(), queues.depth(parkedQueue(pool), 'all')]);
    } catch (error) {
      telemetry.log('warn', 'queues_not_counted', { pool, error: String(error) });
    }
  };

  const warnOfSlowStart = (): void => {
    const { buildSeconds } = governor.describe(clock.nowMs()).learned;
    if (hasWarned || buildSeconds <= SLOW_START_SECONDS) return;
    hasWarned = true;
    telemetry.log('warn', 'slow_start', {
      pool,
      build_seconds: Math.round(buildSeconds),
      remedy: 'max_tokens is far above what answers need: name less, or lower default_max_tokens',
    });
  };

  const endedByClass = (): ByClass => {
    const sinceMs = clock.monotonicMs() - MINUTE_MS;
    const firstKept = ended.findIndex(({ atMs }) => atMs > sinceMs);
    ended.splice(0, firstKept < 0 ? ended.length : firstKept);
    const counts = none();
    for (const { priority } of ended) counts[priority] += 1;
    return counts;
  };

  return {
    ended: (settled) => {
      const atMs = clock.monotonicMs();
      for (const { priority } of settled) ended.push({ atMs, priority });
    },
    report: (epoch) => {
      const figures = toFigures(held.values());
      // A lane whose class has nothing in hand was found empty after it was counted.
      const waiting = Object.fromEntries(
        PRIORITIES.map((priority) => [priority, figures.staged[priority] === 0 ? 0 : lanes[priority]]),
      ) as ByClass;
      return toPoolReport(
        {
          ...figures,
          epoch,
          lanes: waiting,
          parked,
          spentTenants: spending.spentTenants(),
          ended: endedByClass(),
          endedOverMs: Math.min(MINUTE_MS, clock.monotonicMs() - beganAtMs),
        },
        governor.describe(clock.nowMs()),
      );
    },
    run: async (signal) => {
      await clock.sleep(FIRST_COUNT_MS, signal);
      while (!signal.aborted) {
        await count();
        measureUse();
        warnOfSlowStart();
        await clock.sleep(COUNT_EVERY_MS, signal);
      }
    },
    measureUse,
  };
};
