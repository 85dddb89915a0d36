import type { Pool } from '../../contract/pools.ts';
import type { Quota } from '../../contract/quota-settings.ts';
import { DEFAULT_TARGET_PATIENCE_SECONDS } from '../../contract/targets.ts';
import { createGovernor } from '../governor/create-governor.ts';
import type { GovernorOptions } from '../governor/governor-options.ts';
import { createBreaker } from './breaker.ts';
import { governTargets } from './govern-targets.ts';
import type { Member } from './member.ts';
import { governOne, type PoolGovernor } from './pool-governor.ts';
import { snapshotFor } from './shared-snapshot.ts';
import { ownTargetOf, type Target, targetsOf } from './targets-of.ts';

export type PoolGovernorOptions = Omit<GovernorOptions, 'pool'> & {
  readonly pool: Pool;
  /** In force for the pool's own model, where that is not as the settings say. */
  readonly quota?: Quota;
};

const ownOf = ({ pool, quota }: PoolGovernorOptions): Target => ({
  ...ownTargetOf(pool),
  ...(quota === undefined ? {} : { quota }),
});

const governorFor = (target: Target, options: PoolGovernorOptions, startMs: number) => {
  const { snapshot: all, quota: _, ...rest } = options;
  const snapshot = snapshotFor(target, all);
  return createGovernor({ ...rest, pool: target, ...(snapshot === undefined ? {} : { snapshot }) }, startMs);
};

/** The governor of a pool: of its only target, or of each of several. */
export const createPoolGovernor = (options: PoolGovernorOptions, startMs: number): PoolGovernor => {
  const { pool, snapshot, random, maxConcurrent, epoch = 0 } = options;
  const own = ownOf(options);
  const further = targetsOf(pool).filter(({ isOwn }) => !isOwn);
  if (further.length === 0) return governOne(own, governorFor(own, options, startMs));
  const memberOf = (target: Target): Member => ({
    target,
    governor: governorFor(target, options, startMs),
    breaker: createBreaker(random, snapshot?.targets?.[target.name]?.breaker),
    inFlight: 0,
  });
  return governTargets(
    {
      members: [memberOf(own), ...further.map(memberOf)],
      policy: pool.target_policy ?? 'in_order',
      patienceMs: (pool.target_patience_seconds ?? DEFAULT_TARGET_PATIENCE_SECONDS) * 1000,
      maxConcurrent,
      epoch,
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    startMs,
  );
};
