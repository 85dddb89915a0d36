import { EVERYBODY_ELSE, tenantSettingsOf } from '../../contract/tenants.ts';
import type { Governor } from '../../core/governor/governor.ts';
import { quotaInForce } from '../../core/quota/quota-in-force.ts';
import { createFairScheduler } from '../../core/scheduler/fair-scheduler.ts';
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

/** The scheduler counts everybody who is not named as one: the weights of those who are stand in proportion to theirs. */
const weightsOf = ({ settings }: Owner['deps']): Readonly<Record<string, number>> => {
  const ofOthers = tenantSettingsOf(settings, EVERYBODY_ELSE).weight;
  return Object.fromEntries(
    Object.entries(settings.tenants)
      .filter(([tenant]) => tenant !== EVERYBODY_ELSE)
      .map(([tenant, { weight }]) => [tenant, weight / ofOthers]),
  );
};

/** Which is the next. */
export const schedulerOf = ({ deps }: Owner, { snapshot }: Lease, governor: Governor): Scheduler<Staged> =>
  createFairScheduler<Staged>({
    shapeOf: (staged) => ({
      tenant: staged.held.tenant,
      costTokens: governor.expectedTokens(toPlannedCall(staged)),
      maxTokens: staged.held.max_tokens,
      expiresAtMs: staged.held.expires_at_ms,
    }),
    weights: weightsOf(deps),
    sizeLanes: createSizeLanes(governor.describe, deps.clock.nowMs()),
    snapshot: snapshot?.scheduler,
  });
