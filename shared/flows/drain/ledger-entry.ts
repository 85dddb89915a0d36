import { toNanoDollars } from '../../core/cost.ts';
import type { LedgerEntry } from '../../ports/ledger.ts';
import type { LedgerMember, Segment } from './settling.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What a flush used: winners and losers alike, and those of which it is not known yet, since all were paid for. */
export const toLedgerEntry = (
  pool: string,
  { id, atMs }: Pick<Segment, 'id' | 'atMs'>,
  members: readonly LedgerMember[],
): LedgerEntry => {
  const usages = members.flatMap(({ usage }) => (usage === null ? [] : [usage]));
  const costs = members.flatMap(({ usage, costUsd }) => (usage === null ? [] : [costUsd]));
  const won = members.filter(({ outcome }) => outcome === 'finished');
  const outcomes: Record<string, number> = {};
  for (const { status } of won) outcomes[status] = (outcomes[status] ?? 0) + 1;
  return {
    pool,
    segment: id,
    atMs,
    requests: won.length,
    outcomes,
    inputTokens: sum(usages.map(({ input_tokens }) => input_tokens)),
    outputTokens: sum(usages.map(({ output_tokens }) => output_tokens)),
    cacheReadTokens: sum(usages.map(({ cache_read_tokens }) => cache_read_tokens)),
    cacheWriteTokens: sum(usages.map(({ cache_write_tokens }) => cache_write_tokens)),
    costUsd: costs.includes(null) ? null : toNanoDollars(sum(costs.map((cost) => cost ?? 0))),
    unsettled: members.filter(({ outcome }) => outcome === undefined).length,
    lostAttempts: members.filter(({ outcome, usage }) => outcome !== 'finished' && usage !== null).length,
  };
};
