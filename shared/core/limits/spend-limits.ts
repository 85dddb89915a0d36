import type { HeldRequest } from '../../contract/messages.ts';
import type { Usage } from '../../contract/request.ts';
import type { Budget } from '../../contract/tenant-limits.ts';
import type { TenantSettings } from '../../contract/tenants.ts';
import { costOf } from '../cost.ts';
import type { Target } from '../targets/targets-of.ts';

/** Whole numbers, so that a million additions come out even. */
export interface Spend {
  readonly microdollars: number;
  readonly tokens: number;
}

export const NO_SPEND: Spend = { microdollars: 0, tokens: 0 };

export interface SpendLimit {
  /** A day or a month of UTC: `2026-01-31`, `2026-01`. */
  readonly period: string;
  readonly endsAtMs: number;
  readonly most: Partial<Spend>;
}

const MICRO = 1_000_000;
const DAY_CHARACTERS = 'yyyy-mm-dd'.length;
const MONTH_CHARACTERS = 'yyyy-mm'.length;

const dayOf = (nowMs: number) => {
  const now = new Date(nowMs);
  return {
    period: now.toISOString().slice(0, DAY_CHARACTERS),
    endsAtMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1),
  };
};

const monthOf = (nowMs: number) => {
  const now = new Date(nowMs);
  return {
    period: now.toISOString().slice(0, MONTH_CHARACTERS),
    endsAtMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1),
  };
};

const inDollars = ({ usd }: Budget): Partial<Spend> => ({ microdollars: Math.round(usd * MICRO) });

/** What a tenant may use of the present, period by period; nothing where it may use anything. */
export const spendLimitsOf = (
  { tokens_per_day: tokens, budget }: Pick<TenantSettings, 'tokens_per_day' | 'budget'>,
  nowMs: number,
): readonly SpendLimit[] => {
  const ofDay: Partial<Spend> = {
    ...(tokens === undefined ? {} : { tokens }),
    ...(budget?.per === 'day' ? inDollars(budget) : {}),
  };
  return [
    ...(Object.keys(ofDay).length === 0 ? [] : [{ ...dayOf(nowMs), most: ofDay }]),
    ...(budget?.per === 'month' ? [{ ...monthOf(nowMs), most: inDollars(budget) }] : []),
  ];
};

/** Up to the next microdollar: less must never be counted than is paid. */
const toMicrodollars = (usd: number | null): number => Math.ceil(Math.round((usd ?? 0) * 1e9) / 1000);

type Priced = Pick<Target, 'prices'>;

export const spendOf = (usage: Usage, { prices }: Priced): Spend => ({
  microdollars: toMicrodollars(costOf(usage, prices)),
  tokens: usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
});

/** What a call may come to, as far as its input can be told before it is made. */
export const mostSpendOf = (
  {
    input_tokens_estimate: input,
    max_tokens: output,
  }: Pick<HeldRequest, 'input_tokens_estimate' | 'max_tokens'>,
  target: Priced,
): Spend =>
  spendOf(
    { input_tokens: input, output_tokens: output, cache_read_tokens: 0, cache_write_tokens: 0 },
    target,
  );

export const addSpend = (one: Spend, other: Spend): Spend => ({
  microdollars: one.microdollars + other.microdollars,
  tokens: one.tokens + other.tokens,
});

export const subtractSpend = (one: Spend, other: Spend): Spend => ({
  microdollars: one.microdollars - other.microdollars,
  tokens: one.tokens - other.tokens,
});
