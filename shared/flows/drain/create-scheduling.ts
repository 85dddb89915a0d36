import { tenantSettingsOf } from '../../contract/tenants.ts';
import type { Governor } from '../../core/governor/governor.ts';
import type { PaceLimits } from '../../core/limits/tenant-pace.ts';
import { quotaInForce } from '../../core/quota/quota-in-force.ts';
import { createFairScheduler } from '../../core/scheduler/fair-scheduler.ts';
import { createPacedScheduler } from '../../core/scheduler/paced-scheduler.ts';
import type { Scheduler } from '../../core/scheduler/scheduler.ts';
import { createSizeLanes } from '../../core/scheduler/size-lanes.ts';
import { createPoolGovernor } from '../../core/targets/create-pool-governor.ts';
import type { PoolGovernor } from '../../core/targets/pool-governor.ts';
import type { Lease } from '../../ports/pool-store.ts';
import type { Staged } from './held-requests.ts';
import type { Owner } from './owner.ts';
import { toPlannedCall } from './session.ts';

/** When the next may go; continues what the owner before has learned. */
export const governorOf = ({ deps, pool }: Owner, { epoch, snapshot }: Lease): PoolGovernor => {
  const { settings, clock, random } = deps;
  return createPoolGovernor(
    {
      pool,
      quota: quotaInForce(pool).limits,
      maxConcurrent: settings.max_concurrent_executions,
      random,
      epoch,
      latencyMs: settings.average_request_duration * 1000,
      ...(snapshot === undefined ? {} : { snapshot }),
    },
    clock.nowMs(),
  );
};

export interface SchedulingParts {
  readonly governor: Governor;
  /** By tenant, as they are at the moment of each charge. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Which is the next. */
export const schedulerOf = (
  { deps }: Owner,
  { snapshot }: Lease,
  { governor, weights }: SchedulingParts,
): Scheduler<Staged> => {
  const costOf = (staged: Staged): number => governor.expectedTokens(toPlannedCall(staged));
  const nowMs = deps.clock.nowMs();
  const fair = createFairScheduler<Staged>({
    shapeOf: (staged) => ({
      tenant: staged.held.tenant,
      costTokens: costOf(staged),
      maxTokens: staged.held.max_tokens,
      expiresAtMs: staged.held.expires_at_ms,
    }),
    weights,
    sizeLanes: createSizeLanes(governor.describe, nowMs),
    snapshot: snapshot?.scheduler,
  });
  const limitsOf = (tenant: string): PaceLimits => tenantSettingsOf(deps.settings, tenant);
  return createPacedScheduler(fair, { tenantOf: ({ held }) => held.tenant, limitsOf, costOf }, nowMs);
};
