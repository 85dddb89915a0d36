import type { DimensionName } from './dimension-name.ts';
import type { GovernedQuota } from './governed-quota.ts';
import type { CallUsage, PlannedCall } from './governor.ts';

export interface GovernedPool {
  readonly quota: GovernedQuota;
  readonly burndown: number;
}

/** A call with what has been learned about calls like it. */
export interface ExpectedCall {
  /** Estimate, times the learned ratio. */
  readonly inputTokens: number;
  readonly maxTokens: number;
  readonly outputTokens: number;
}

/** One quota: how fast it refills, what a call holds at its start, what it is charged at its end. */
export interface Dimension {
  readonly name: DimensionName;
  /** As configured. */
  readonly limit: number;
  readonly perSecond: number;
  /** Of the plain mirror's bucket. */
  readonly size: number;
  readonly hold: (call: PlannedCall) => number;
  readonly charge: (usage: CallUsage) => number;
  readonly holdExpected: (call: ExpectedCall) => number;
  readonly expect: (call: ExpectedCall) => number;
}

/** Seconds of quota that the plain mirror stores: short, since the service's own bucket is not published. */
const BURST_SECONDS = 5;
const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

type Sums = Pick<Dimension, 'hold' | 'charge' | 'holdExpected' | 'expect'>;

const input = ({ inputTokens, cacheWriteTokens }: CallUsage): number => inputTokens + cacheWriteTokens;
const holdInput = ({ inputTokens, maxTokens }: { inputTokens: number; maxTokens: number }): number =>
  inputTokens + maxTokens;

const REQUESTS: Sums = { hold: () => 1, charge: () => 1, holdExpected: () => 1, expect: () => 1 };

/** An answer may be charged more than its call held, when output burns down: then the charge is held. */
const tokens = (burndown: number): Sums => {
  const expect = (call: ExpectedCall): number => call.inputTokens + burndown * call.outputTokens;
  return {
    hold: holdInput,
    charge: (usage) => input(usage) + burndown * usage.outputTokens,
    holdExpected: (call) => Math.max(holdInput(call), expect(call)),
    expect,
  };
};

const INPUT_TOKENS: Sums = {
  hold: holdInput,
  charge: (usage) => input(usage) + usage.outputTokens,
  holdExpected: holdInput,
  expect: (call) => call.inputTokens + call.outputTokens,
};

/** The service charges output as it is produced and holds nothing for it; what is expected stands in for it. */
const OUTPUT_TOKENS: Sums = {
  hold: () => 0,
  charge: (usage) => usage.outputTokens,
  holdExpected: (call) => call.outputTokens,
  expect: (call) => call.outputTokens,
};

const perMinute = (name: DimensionName, limit: number | undefined, sums: Sums): readonly Dimension[] => {
  if (limit === undefined) return [];
  const perSecond = limit / MINUTE_SECONDS;
  const least = name === 'requests_per_minute' ? 1 : 0;
  return [{ name, limit, perSecond, size: Math.max(least, perSecond * BURST_SECONDS), ...sums }];
};

/** The quotas of a pool, with Bedrock's own sums. */
export const dimensionsOf = ({ quota, burndown }: GovernedPool): readonly Dimension[] => {
  const { tokens_per_day: tpd } = quota;
  return [
    ...perMinute('tokens_per_minute', quota.tokens_per_minute, tokens(burndown)),
    ...perMinute('input_tokens_per_minute', quota.input_tokens_per_minute, INPUT_TOKENS),
    ...perMinute('output_tokens_per_minute', quota.output_tokens_per_minute, OUTPUT_TOKENS),
    ...perMinute('requests_per_minute', quota.requests_per_minute, REQUESTS),
    ...(tpd === undefined
      ? []
      : [
          {
            name: 'tokens_per_day' as const,
            limit: tpd,
            perSecond: tpd / DAY_SECONDS,
            size: tpd,
            ...tokens(burndown),
          },
        ]),
  ];
};
