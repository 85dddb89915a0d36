import type { Supply } from '../../local/bedrock/quota/supply.ts';
import type { Governor, GovernorSnapshot } from '../../shared/core/governor/governor.ts';
import type { GovernorAlgorithm } from '../../shared/core/governor/governor-view.ts';
import { createFairScheduler } from '../../shared/core/scheduler/fair-scheduler.ts';
import type { Scheduler } from '../../shared/core/scheduler/scheduler.ts';
import { createSizeLanes } from '../../shared/core/scheduler/size-lanes.ts';
import { type OwnerChange, runSimulation, type SimulationResult, START_MS } from './run-simulation.ts';
import { type ServiceQuota, toServiceDimensions } from './service-quota.ts';
import type { Job } from './simulated-owner.ts';
import type { SimulatedRequest } from './simulated-request.ts';
import type { FaultWindow } from './simulated-service.ts';

/** One pool, as it is configured and as the service really is. */
export interface PoolSetup {
  readonly seed: string;
  readonly traffic: readonly SimulatedRequest[];
  readonly quota: ServiceQuota;
  readonly burndown?: number;
  readonly supply?: Supply;
  readonly faults?: readonly FaultWindow[];
  readonly maxConcurrent?: number;
  readonly algorithm?: GovernorAlgorithm;
  readonly exploreLimit?: number;
  readonly weights?: Readonly<Record<string, number>>;
  readonly changes?: readonly OwnerChange[];
  readonly untilMs?: number;
  readonly tokensPerSecond?: number;
}

const BURNDOWN = 5;
/** As many as one function can hold. */
const MOST_CONCURRENT = 700;
/** Requests without a deadline expire in the order in which they came. */
const MAX_AGE_MS = 432_000_000;

const schedulerFor =
  ({ weights }: PoolSetup) =>
  (governor: Governor, snapshot: GovernorSnapshot | undefined): Scheduler<Job> =>
    createFairScheduler<Job>({
      ...(weights === undefined ? {} : { weights }),
      snapshot: snapshot?.scheduler,
      sizeLanes: createSizeLanes(governor.describe, START_MS),
      shapeOf: ({ priority, outcome: { request } }) => ({
        tenant: request.tenant,
        maxTokens: request.maxTokens,
        costTokens: governor.expectedTokens({
          priority,
          inputTokens: request.estimatedTokens,
          maxTokens: request.maxTokens,
        }),
        expiresAtMs: START_MS + (request.expiresAtMs ?? request.arrivesAtMs + MAX_AGE_MS),
      }),
    });

export const simulatePool = (setup: PoolSetup): SimulationResult => {
  const { quota, burndown = BURNDOWN, supply, faults, tokensPerSecond, changes, untilMs } = setup;
  const { algorithm, exploreLimit } = setup;
  return runSimulation({
    seed: setup.seed,
    traffic: [...setup.traffic].sort((one, other) => one.arrivesAtMs - other.arrivesAtMs),
    service: {
      dimensions: toServiceDimensions(quota),
      burndown,
      ...(supply === undefined ? {} : { supply }),
      ...(faults === undefined ? {} : { faults }),
      ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    },
    governor: {
      pool: {
        quota: {
          tokens_per_minute: quota.tokensPerMinute,
          requests_per_minute: quota.requestsPerMinute,
          tokens_per_day: quota.tokensPerDay,
        },
        burndown,
      },
      maxConcurrent: setup.maxConcurrent ?? MOST_CONCURRENT,
      ...(algorithm === undefined ? {} : { algorithm }),
      ...(exploreLimit === undefined ? {} : { exploreLimit }),
    },
    createScheduler: schedulerFor(setup),
    ...(changes === undefined ? {} : { changes }),
    ...(untilMs === undefined ? {} : { untilMs }),
  });
};
