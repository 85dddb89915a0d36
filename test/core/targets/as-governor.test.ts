import { createGovernor } from '../../../shared/core/governor/create-governor.ts';
import { createBreaker } from '../../../shared/core/targets/breaker.ts';
import { governTargets } from '../../../shared/core/targets/govern-targets.ts';
import { snapshotFor } from '../../../shared/core/targets/shared-snapshot.ts';
import type { Target } from '../../../shared/core/targets/targets-of.ts';
import { describeGovernor } from '../governor/governor.contract.ts';

const own: Target = {
  name: 'own',
  modelId: 'model-a',
  quota: { tokens_per_minute: 60_000 },
  burndown: 1,
  maxMaxTokens: 32_000,
  tokensPerSecond: 60,
  prices: undefined,
  lacks: [],
  isOwn: true,
};

const OPEN_FOR_EVER = {
  isClosed: false,
  losses: 0,
  openUntilMs: 1e15,
  openMs: 5000,
  closedAtMs: 0,
  probedAtMs: null,
};

/** While nobody else may be called, several targets are as one. */
describeGovernor({
  name: 'several targets’',
  burstSeconds: 5,
  create: ({ quota = own.quota, burndown = 1, maxConcurrent = 1000, snapshot, ...setup }, atMs) => {
    const memberOf = (target: Target, breaker = createBreaker(() => 0.5)) => {
      const saved = snapshotFor(target, snapshot);
      const options = { ...setup, algorithm: 'bucket' as const, maxConcurrent, random: () => 0.5 };
      return {
        target,
        breaker,
        inFlight: 0,
        governor: createGovernor(
          { ...options, pool: target, ...(saved === undefined ? {} : { snapshot: saved }) },
          atMs,
        ),
      };
    };
    const further = { ...own, name: 'other', quota: { tokens_per_minute: 1000 }, isOwn: false };
    return governTargets(
      {
        members: [
          memberOf({ ...own, quota, burndown }),
          memberOf(
            further,
            createBreaker(() => 0.5, OPEN_FOR_EVER),
          ),
        ],
        policy: 'in_order',
        patienceMs: 1000,
        maxConcurrent,
        epoch: setup.epoch ?? 0,
        ...(snapshot === undefined ? {} : { snapshot }),
      },
      atMs,
    );
  },
});
