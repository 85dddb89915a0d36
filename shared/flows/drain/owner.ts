import type { Controls } from '../../contract/controls.ts';
import type { Pool } from '../../contract/pools.ts';
import type { QuotaReading } from '../../contract/quota-reading.ts';
import type { UseReading } from '../../contract/use-reading.ts';
import type { Lease } from '../../ports/pool-store.ts';
import type { DrainDeps } from './drain-deps.ts';

export interface DrainInput {
  readonly pool: string;
  /** Said to have too much waiting, though it may be that nothing is. */
  readonly doubtedTenant?: string | undefined;
  /** Called by the clock: it may be that nothing waits. */
  readonly isTick?: boolean | undefined;
  /** How long the function may still run. */
  readonly remainingMs: () => number;
}

/** A pool as the settings have it, and what is known of its limits. */
export interface Granted {
  readonly pool: Pool;
  readonly reading: QuotaReading | undefined;
  /** What others of the account use, where that is measured. */
  readonly use: UseReading | undefined;
}

/** One invocation that became the owner of a pool. */
export interface Owner {
  readonly input: DrainInput;
  readonly deps: DrainDeps;
  /** With the quota that is in force as it begins. */
  readonly pool: Pool;
  readonly granted: Granted;
  readonly controls: Controls;
  /** By the monotonic clock. */
  readonly startedAtMs: number;
}

/** A lease, and when the write that got it was sent, by the monotonic clock. */
export interface Acquired {
  readonly lease: Lease;
  readonly sentAtMs: number;
}
