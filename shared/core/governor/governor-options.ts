import type { GovernedPool } from './dimensions.ts';
import type { GovernorSnapshot } from './governor.ts';
import type { GovernorAlgorithm } from './governor-view.ts';

export interface GovernorOptions {
  readonly pool: GovernedPool;
  readonly maxConcurrent: number;
  /** [0, 1); spreads the ends of pauses. */
  readonly random: () => number;
  readonly algorithm?: GovernorAlgorithm;
  /** Of the lease under which this governor begins. */
  readonly epoch?: number;
  /** State of the owner before, if there was one. */
  readonly snapshot?: GovernorSnapshot;
  /** First guess, until calls have been answered. */
  readonly latencyMs?: number;
  /**
   * Largest multiple of the configured quota to try. 1 takes the configuration at its word; 1.5 to 3 looks for more,
   * at the price of a few refusals in a thousand calls.
   */
  readonly exploreLimit?: number;
}
