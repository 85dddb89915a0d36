import type { OwnerReport } from '../core/governor/owner-report.ts';

/** What owners of a pool, and those who cancel, leave for each other; read with each heartbeat. */
export interface PoolBoard {
  /** What an owner still has under way. Nothing happens once it has ended. */
  report(pool: string, report: OwnerReport): Promise<void>;
  /** The request under suspicion that an owner has in flight, or none. Nothing happens once the owner has ended. */
  suspect(pool: string, epoch: number, requestId: string | undefined): Promise<void>;
  /** Asks whoever owns the pool to stop a request; false when it is asked to stop too many already. */
  askToCancel(pool: string, requestId: string, nowMs: number): Promise<boolean>;
  /** Requests that are to be stopped, for an owner that has no heartbeat left. */
  readCancels(pool: string): Promise<readonly string[]>;
  /** They have ended: there is nothing left to stop. */
  canceled(pool: string, requestIds: readonly string[]): Promise<void>;
}

/** Most requests of one pool that can be asked to stop at once: they lie in one item, read every few seconds. */
export const MOST_CANCELS = 200;
