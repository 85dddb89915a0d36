import { groupBy } from '../../core/group-by.ts';
import { toLedgerEntry } from './ledger-entry.ts';
import { retried } from './retried.ts';
import type { SettleDeps } from './settle-deps.ts';
import type { Segment, Settling } from './settling.ts';

/**
 * What a segment used, winners and losers alike; again when more of it has been written down since. What could not be
 * written down is part of it: should this process die now, another pays for it anew, and nobody remembers this one.
 */
export const recordUsage = async (pool: string, segment: Segment, deps: SettleDeps): Promise<void> => {
  const { members } = segment;
  try {
    await retried(deps, () => deps.ledger.record(toLedgerEntry(pool, segment, members)));
    segment.isRecorded = true;
  } catch (error) {
    const tokens = members.map(({ usage }) => usage?.output_tokens ?? 0);
    deps.telemetry.log('error', 'usage_not_recorded', {
      pool,
      segment: segment.id,
      results: members.length,
      output_tokens: tokens.reduce((total, count) => total + count, 0),
      error: String(error),
    });
  }
};

/** Fewer of a tenant's requests wait: advice, so that a count that is lost is no trouble. Answers with what is left. */
export const countDown = async (
  pool: string,
  won: readonly Settling[],
  deps: SettleDeps,
): Promise<readonly (readonly [tenant: string, count: number])[]> => {
  const tenants = groupBy(won, ({ result }) => result.tenant);
  const left = await Promise.all(
    [...tenants].map(async ([tenant, ended]) => {
      try {
        return [[tenant, await deps.tenants.addWaiting(pool, tenant, -ended.length)] as const];
      } catch (error) {
        deps.telemetry.log('warn', 'waiting_not_counted', { pool, tenant, error: String(error) });
        return [];
      }
    }),
  );
  return left.flat();
};
