import { createBucketGovernor } from './bucket-governor.ts';
import { dimensionsOf } from './dimensions.ts';
import type { Governor } from './governor.ts';
import type { GovernorOptions } from './governor-options.ts';
import { createHybridGovernor } from './hybrid/hybrid-governor.ts';

/** The governor of a pool, by the algorithm that is asked for: `hybrid` unless it is another. */
export const createGovernor = (options: GovernorOptions, startMs: number): Governor =>
  options.algorithm === 'bucket'
    ? createBucketGovernor(
        { ...options, dimensions: dimensionsOf(options.pool), burndown: options.pool.burndown },
        startMs,
      )
    : createHybridGovernor(options, startMs);
