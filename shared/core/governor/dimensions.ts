import type { Pool } from '../../contract/pools.ts';
import type { CallUsage, GovernorLimit, PlannedCall } from './governor.ts';

/** One quota: how fast it refills, what a call holds at its start, what it is charged at its end. */
export interface Dimension {
  readonly name: Exclude<GovernorLimit, 'concurrency' | 'pause'>;
  readonly perSecond: number;
  readonly size: number;
  readonly hold: (call: PlannedCall) => number;
  readonly charge: (usage: CallUsage) => number;
}

/** Seconds of quota that the mirror stores: short, since the service's own bucket is not published. */
const BURST_SECONDS = 5;
const DAY_SECONDS = 86_400;

/** The quotas of a pool, with Bedrock's own sums. */
export const dimensionsOf = (pool: Pick<Pool, 'quota' | 'burndown'>): readonly Dimension[] => {
  const { tokens_per_minute: tpm, requests_per_minute: rpm, tokens_per_day: tpd } = pool.quota;
  const holdTokens = (call: PlannedCall): number => call.inputTokens + call.maxTokens;
  const chargeTokens = (usage: CallUsage): number =>
    usage.inputTokens + usage.cacheWriteTokens + pool.burndown * usage.outputTokens;
  return [
    {
      name: 'tokens_per_minute',
      perSecond: tpm / 60,
      size: (tpm / 60) * BURST_SECONDS,
      hold: holdTokens,
      charge: chargeTokens,
    },
    ...(rpm === undefined
      ? []
      : [
          {
            name: 'requests_per_minute' as const,
            perSecond: rpm / 60,
            size: Math.max(1, (rpm / 60) * BURST_SECONDS),
            hold: () => 1,
            charge: () => 1,
          },
        ]),
    ...(tpd === undefined
      ? []
      : [
          {
            name: 'tokens_per_day' as const,
            perSecond: tpd / DAY_SECONDS,
            size: tpd,
            hold: holdTokens,
            charge: chargeTokens,
          },
        ]),
  ];
};
