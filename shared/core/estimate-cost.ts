import type { BatchEstimate, Estimate } from '../contract/estimate.ts';
import type { PoolReport } from '../contract/pool-report.ts';
import { costOf, toNanoDollars } from './cost.ts';
import { estimateInputTokens } from './estimate-tokens.ts';
import { predictWait } from './predict-wait.ts';
import { toConverse } from './to-converse.ts';
import type { ValidEnvelope } from './validate-envelope.ts';

export interface EstimateContext {
  readonly report: PoolReport | undefined;
  readonly nowMs: number;
  readonly firstGuessMs: number;
  /** Of the same submission, in the same pool and of no lower class: requests that would be served before it. */
  readonly before?: number;
}

const toSeconds = (durationMs: number): number => Math.ceil(durationMs / 1000);

const costsOf = (valid: ValidEnvelope, input: number, expectedOutput: number): Estimate['cost_usd'] => {
  const cost = (output: number): number | null =>
    costOf(
      { input_tokens: input, output_tokens: output, cache_read_tokens: 0, cache_write_tokens: 0 },
      valid.pool.pool.prices,
    );
  const [least, expected, most] = [cost(0), cost(expectedOutput), cost(valid.maxTokens)];
  return least === null || expected === null || most === null ? null : { least, expected, most };
};

const tokensOf = ({ envelope, maxTokens, pool }: ValidEnvelope, report: PoolReport | undefined) => {
  const ratio = report !== undefined && report.input_ratio > 0 ? report.input_ratio : 1;
  const input = Math.ceil(estimateInputTokens(toConverse(envelope, maxTokens), pool.pool.model_id) * ratio);
  const learned = Math.ceil(report?.output_tokens ?? 0);
  const output = learned > 0 ? Math.min(learned, maxTokens) : maxTokens;
  return { input, output, reserved: input + maxTokens, charged: input + pool.pool.burndown * output };
};

/** Requests of the same submission wait in front as those do that are there already. */
const withBefore = (
  report: PoolReport | undefined,
  { envelope }: ValidEnvelope,
  before: number,
): PoolReport | undefined =>
  report === undefined || before === 0
    ? report
    : {
        ...report,
        lanes: { ...report.lanes, [envelope.priority]: report.lanes[envelope.priority] + before },
      };

/** What a request would cost, how long it would take, and what it would wait for. */
export const estimateRequest = (valid: ValidEnvelope, context: EstimateContext): Estimate => {
  const { envelope, pool, maxTokens, expiresAtMs, notBeforeMs } = valid;
  const { nowMs, firstGuessMs } = context;
  const { input, output, reserved, charged } = tokensOf(valid, context.report);
  const { ahead, waitMs, etaMs, limit } = predictWait(
    {
      priority: envelope.priority,
      acceptedAtMs: nowMs,
      charge: charged,
      ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
    },
    { report: withBefore(context.report, valid, context.before ?? 0), nowMs, firstGuessMs },
  );
  return {
    model: pool.pool.model_id,
    pool: pool.name,
    priority: envelope.priority,
    input_tokens: input,
    max_tokens: maxTokens,
    expected_output_tokens: output,
    reserved_tokens: reserved,
    charged_tokens: charged,
    cost_usd: costsOf(valid, input, output),
    ahead,
    wait_seconds: toSeconds(waitMs),
    eta_seconds: toSeconds(etaMs),
    limit,
    meets_deadline: nowMs + etaMs <= expiresAtMs,
  };
};

const sumOf = (estimates: readonly Estimate[], of: (estimate: Estimate) => number): number =>
  estimates.reduce((total, estimate) => total + of(estimate), 0);

const sumCosts = (estimates: readonly Estimate[]): BatchEstimate['cost_usd'] => {
  if (estimates.some(({ cost_usd }) => cost_usd === null)) return null;
  const sum = (of: 'least' | 'expected' | 'most'): number =>
    toNanoDollars(sumOf(estimates, ({ cost_usd }) => cost_usd?.[of] ?? 0));
  return { least: sum('least'), expected: sum('expected'), most: sum('most') };
};

/** The same of many together; the last to be answered says when, and what binds. */
export const sumEstimates = (estimates: readonly Estimate[]): BatchEstimate => {
  const last = estimates.toSorted((left, right) => right.eta_seconds - left.eta_seconds)[0];
  return {
    requests: estimates.length,
    input_tokens: sumOf(estimates, ({ input_tokens }) => input_tokens),
    expected_output_tokens: sumOf(estimates, ({ expected_output_tokens }) => expected_output_tokens),
    reserved_tokens: sumOf(estimates, ({ reserved_tokens }) => reserved_tokens),
    charged_tokens: sumOf(estimates, ({ charged_tokens }) => charged_tokens),
    cost_usd: sumCosts(estimates),
    eta_seconds: last?.eta_seconds ?? 0,
    limit: last?.limit ?? null,
    miss_deadline: estimates.filter(({ meets_deadline }) => !meets_deadline).length,
  };
};
