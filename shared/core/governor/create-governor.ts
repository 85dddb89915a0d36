import { createBucketGovernor } from './bucket-governor.ts';
import { dimensionsOf, type GovernedPool } from './dimensions.ts';
import type { Governor, GovernorSnapshot } from './governor.ts';
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
  /** Largest multiple of the configured quota to try; 1 takes the configuration at its word. */
  readonly exploreLimit?: number;
}

/** The governor of a pool, by the algorithm that is asked for. */
export const createGovernor = (options: GovernorOptions, startMs: number): Governor => {
  const { pool, maxConcurrent, epoch, snapshot } = options;
  return createBucketGovernor(
    {
      dimensions: dimensionsOf(pool),
      maxConcurrent,
      ...(epoch === undefined ? {} : { epoch }),
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    startMs,
  );
};
