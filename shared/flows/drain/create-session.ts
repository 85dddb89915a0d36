import type { Pool } from '../../contract/pools.ts';
import { createGovernor } from '../../core/governor/create-governor.ts';
import type { Governor } from '../../core/governor/governor.ts';
import { createPriorityScheduler } from '../../core/scheduler/priority-scheduler.ts';
import type { Lease } from '../../ports/pool-store.ts';
import { type Bell, createBell } from './bell.ts';
import type { DrainDeps } from './drain-deps.ts';
import { SETTLE_BEFORE_END_MS } from './drain-timing.ts';
import type { Staged } from './held-requests.ts';
import { createLeaseKeeper, type LeaseKeeper } from './lease-keeper.ts';
import { createOthers } from './other-owners.ts';
import { createPoolReporter, type PoolReporter } from './pool-reporter.ts';
import type { Session } from './session.ts';
import { createSettler } from './settler.ts';
import { createStagingRoom } from './staging-room.ts';

export interface DrainInput {
  readonly pool: string;
  /** How long the function may still run. */
  readonly remainingMs: () => number;
}

/** One invocation that became the owner of a pool. */
export interface Owner {
  readonly input: DrainInput;
  readonly deps: DrainDeps;
  readonly pool: Pool;
  /** By the monotonic clock. */
  readonly startedAtMs: number;
}

/** A lease, and when the write that got it was sent, by the monotonic clock. */
export interface Acquired {
  readonly lease: Lease;
  readonly sentAtMs: number;
}

interface KeeperNeeds {
  readonly governor: Governor;
  readonly reporter: PoolReporter;
  /** Takes in what other owners tell. */
  readonly learn: (lease: Lease) => void;
  readonly bell: Bell;
  readonly wantsSuccessor: () => boolean;
}

export const keepLease = (
  owner: Owner,
  acquired: Acquired,
  { governor, reporter, learn, bell, wantsSuccessor }: KeeperNeeds,
): LeaseKeeper => {
  const { input, deps, startedAtMs } = owner;
  const handOverAtMs = startedAtMs + deps.settings.minutes_to_process * 60_000;
  return createLeaseKeeper(
    {
      pool: input.pool,
      lease: acquired.lease,
      acquiredAtMs: acquired.sentAtMs,
      report: reporter.report,
      governor,
      readyAtMs: handOverAtMs,
      readyToHandOver: () => wantsSuccessor() || deps.clock.monotonicMs() >= handOverAtMs,
      onBeat: learn,
      onLost: bell.ring,
    },
    deps,
  );
};

const governorOf = ({ deps, pool }: Owner, { epoch, snapshot }: Lease): Governor => {
  const { settings, clock, random } = deps;
  return createGovernor(
    {
      pool,
      maxConcurrent: settings.max_concurrent_executions,
      random,
      epoch,
      latencyMs: settings.average_request_duration * 1000,
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    clock.nowMs(),
  );
};

export const createSession = (owner: Owner, acquired: Acquired): Session => {
  const { input, deps, pool } = owner;
  const held = new Map<string, Staged>();
  const bell = createBell(deps.clock);
  const governor = governorOf(owner, acquired.lease);
  const reporter = createPoolReporter({ pool: input.pool, held, governor }, deps);
  const learn = createOthers(governor, deps.clock);
  learn(acquired.lease);
  const session: Session = {
    poolName: input.pool,
    pool,
    deps,
    held,
    bell,
    governor,
    reporter,
    learn,
    scheduler: createPriorityScheduler<Staged>(),
    settler: createSettler(
      input.pool,
      (batch, settled) => {
        for (const { staged } of batch) held.delete(staged.id);
        session.finished += settled.length;
        reporter.ended(settled);
        deps.completions?.ended(settled.map(({ id }) => id));
        bell.ring();
        session.room.changed.ring();
      },
      deps,
    ),
    room: createStagingRoom({ held, places: deps.settings.queue_depth_threshold, clock: deps.clock }),
    functionEndsAtMs: deps.clock.nowMs() + input.remainingMs() - SETTLE_BEFORE_END_MS,
    keeper: keepLease(owner, acquired, {
      governor,
      reporter,
      learn,
      bell,
      wantsSuccessor: () => session.wantsSuccessor,
    }),
    wantsSuccessor: false,
    inFlight: 0,
    finished: 0,
  };
  return session;
};
