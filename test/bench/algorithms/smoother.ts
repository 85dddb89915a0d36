import { simulatePool } from '../../../cli/simulate/simulate-pool.ts';
import type { Contender } from './contender.ts';
import { BURNDOWN, QUOTA } from './workload.ts';

/** Us: the governor and the scheduler that run in production. */
export const smoother: Contender = {
  name: 'request smoother',
  kind: 'production code',
  setup: 'told the quota, and nothing of the traffic',
  run: async ({ requests }, seed) => {
    const { outcomes, service } = simulatePool({
      seed,
      traffic: requests,
      quota: QUOTA,
      burndown: BURNDOWN,
    });
    const endings = outcomes.map(({ request, answeredAtMs }) => ({
      request,
      outcome: answeredAtMs === undefined ? ('unfinished' as const) : ('answered' as const),
      endings: answeredAtMs === undefined ? 0 : 1,
    }));
    return { endings, service };
  },
};
