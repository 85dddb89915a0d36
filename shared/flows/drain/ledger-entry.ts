import type { LedgerEntry } from '../../ports/ledger.ts';
import type { Settling } from './settling.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What a flush used: winners and losers alike, since both were paid for. */
export const toLedgerEntry = (
  pool: string,
  segment: string,
  atMs: number,
  settled: readonly Settling[],
): LedgerEntry => {
  const usages = settled.flatMap(({ result }) => (result.usage === null ? [] : [result.usage]));
  const costs = settled.flatMap(({ result }) => (result.usage === null ? [] : [result.cost_usd]));
  const outcomes: Record<string, number> = {};
  for (const { result, outcome } of settled)
    if (outcome === 'finished') outcomes[result.status] = (outcomes[result.status] ?? 0) + 1;
  return {
    pool,
    segment,
    atMs,
    requests: settled.filter(({ outcome }) => outcome === 'finished').length,
    outcomes,
    inputTokens: sum(usages.map(({ input_tokens }) => input_tokens)),
    outputTokens: sum(usages.map(({ output_tokens }) => output_tokens)),
    cacheReadTokens: sum(usages.map(({ cache_read_tokens }) => cache_read_tokens)),
    cacheWriteTokens: sum(usages.map(({ cache_write_tokens }) => cache_write_tokens)),
    costUsd: costs.includes(null) ? null : sum(costs.map((cost) => cost ?? 0)),
    lostAttempts: settled.filter(({ outcome, result }) => outcome !== 'finished' && result.usage !== null)
      .length,
  };
};
