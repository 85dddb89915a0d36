import type { Controls } from '../../contract/controls.ts';
import type { Pool } from '../../contract/pools.ts';
import type { PlannedCall } from '../../core/governor/governor.ts';
import type { Scheduler } from '../../core/scheduler/scheduler.ts';
import type { PoolGovernor } from '../../core/targets/pool-governor.ts';
import type { Target } from '../../core/targets/targets-of.ts';
import type { Lease } from '../../ports/pool-store.ts';
import type { CancelWatch } from '../batches/cancel-watch.ts';
import type { Bell } from './bell.ts';
import type { DrainDeps } from './drain-deps.ts';
import type { CallsUnderWay, Staged } from './held-requests.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { Granted } from './owner.ts';
import type { PoolReporter } from './pool-reporter.ts';
import type { Settler } from './settler.ts';
import type { Shelves } from './shelves.ts';
import type { Spending } from './spending.ts';
import type { StagingRoom } from './staging-room.ts';

/** What the loops of one drain share while it owns a pool. */
export interface Session {
  readonly poolName: string;
  readonly pool: Pool;
  readonly deps: DrainDeps;
  readonly scheduler: Scheduler<Staged>;
  /** Where its requests are answered, its own model first. */
  readonly targets: readonly Target[];
  readonly governor: PoolGovernor;
  /** Takes in what other owners tell. */
  readonly learn: (lease: Lease) => void;
  readonly settler: Settler;
  /** Rings when there may be something to send. */
  readonly bell: Bell;
  /** Everything in hand, by id: waiting, in flight, backing off, or being settled. */
  readonly held: Map<string, Staged>;
  readonly room: StagingRoom;
  readonly shelves: Shelves;
  /** What tenants may still use, where that is limited. */
  readonly spending: Spending;
  /** Tenants that had something waiting when the owner before told of itself. */
  readonly inherited: readonly string[];
  readonly reporter: PoolReporter;
  /** By the monotonic clock. */
  readonly startedAtMs: number;
  readonly functionEndsAtMs: number;
  /** Calls in flight, and how each is stopped. */
  readonly calls: Map<string, AbortController>;
  /** Questions that are being asked, where the same one need not be asked twice. */
  readonly underWay: CallsUnderWay;
  /** No call of it is alive, and it has no answer. */
  readonly callOver: (staged: Staged) => void;
  /** Requests that are to be stopped. */
  readonly cancels: Set<string>;
  readonly isBatchCanceled: CancelWatch;
  /** Tenants that are counted as waiting still, as told when they were counted down. */
  readonly waitingOf: Map<string, number>;
  /** Shares of tenants; they change. */
  readonly weights: Record<string, number>;
  /** What the limits are made of, beside what operators have set. */
  granted: Granted;
  /** What operators have set, as of the last heartbeat. */
  controls: Controls;
  keeper: LeaseKeeper;
  /** Those that were asked to stop are being looked at. */
  isCanceling: boolean;
  /** What waits of batches that were canceled is being ended. */
  isEndingMembers: boolean;
  /** The one under suspicion that has its turn, and those that wait for theirs. */
  suspect: Staged | undefined;
  readonly suspects: Staged[];
  /** Something waits that this drain would not live to see answered. */
  wantsSuccessor: boolean;
  inFlight: number;
  finished: number;
}

export const toPlannedCall = ({ held, priority, needs, ruledOut, failedBy }: Staged): PlannedCall => ({
  priority,
  inputTokens: held.input_tokens_estimate,
  maxTokens: held.max_tokens,
  routing: { needs, ruledOut, failedBy, sinceMs: Math.max(held.accepted_at_ms, held.not_before_ms ?? 0) },
});
