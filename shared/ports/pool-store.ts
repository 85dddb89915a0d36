import type { PoolReport } from '../contract/pool-report.ts';
import type { GovernorSnapshot } from '../core/governor/governor.ts';
import type { OwnerReport } from '../core/governor/owner-report.ts';

export interface Lease {
  readonly epoch: number;
  /** Epochs, this one included, that may still have calls under way. */
  readonly liveEpochs: readonly number[];
  /** Epochs that ended without saying so, the last twenty: their processes died. */
  readonly fallenEpochs: readonly number[];
  /** By epoch, live or fallen: the request under suspicion that it had in flight. */
  readonly suspects: Readonly<Record<number, string>>;
  /** What other live epochs say they still have under way. */
  readonly reports: readonly OwnerReport[];
  /** Requests that are to be stopped. */
  readonly cancels: readonly string[];
  readonly snapshot: GovernorSnapshot | undefined;
}

export interface Heartbeat {
  readonly epoch: number;
  readonly nowMs: number;
  readonly leaseMs: number;
  readonly snapshot: GovernorSnapshot;
  /** For those who only read; see `PoolReports`. */
  readonly report?: PoolReport;
  /** The next wake may take the lease though it has not ended. */
  readonly readyToHandOver: boolean;
}

/** Who owns a pool. One conditional write each. */
export interface PoolStore {
  /** Nothing when somebody else holds the lease and does not want to hand over. */
  acquire(pool: string, nowMs: number, leaseMs: number): Promise<Lease | undefined>;
  /** Nothing when another owner has taken over. */
  heartbeat(pool: string, beat: Heartbeat): Promise<Lease | undefined>;
  /** Free for the next; the epoch stays live until `ended`. */
  release(pool: string, epoch: number, snapshot: GovernorSnapshot): Promise<void>;
  /** No call of this epoch is alive any more. */
  ended(pool: string, epoch: number): Promise<void>;
  /** Whether a wake would be answered: somebody holds the lease and will look again. Strongly consistent. */
  isHeld(pool: string, nowMs: number): Promise<boolean>;
  /**
   * Every owner that is seen now is certainly dead, such as when a new process holds the lock of its data. One that
   * begins meanwhile is left alone.
   */
  endAll(pool: string): Promise<void>;
}
